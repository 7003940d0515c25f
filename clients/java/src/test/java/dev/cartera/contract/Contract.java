package dev.cartera.contract;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import dev.cartera.routing.v1.AgentServiceGrpc;
import dev.cartera.routing.v1.ConfigurationServiceGrpc;
import dev.cartera.routing.v1.ContactServiceGrpc;
import dev.cartera.routing.v1.EventServiceGrpc;
import dev.cartera.routing.v1.MonitorServiceGrpc;
import dev.cartera.routing.v1.PortfolioServiceGrpc;
import dev.cartera.routing.v1.RoutingServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServiceDescriptor;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The generated code, to be found by the names that cases use. */
final class Contract {
  private static final String PROTO_PACKAGE = "cartera.routing.v1.";
  private static final String JAVA_PACKAGE = "dev.cartera.routing.v1.";
  private static final String DETAILS_PACKAGE = "com.google.rpc.";

  private static final Map<String, MethodDescriptor<?, ?>> METHODS =
      Stream.of(
              AgentServiceGrpc.getServiceDescriptor(),
              ConfigurationServiceGrpc.getServiceDescriptor(),
              ContactServiceGrpc.getServiceDescriptor(),
              EventServiceGrpc.getServiceDescriptor(),
              MonitorServiceGrpc.getServiceDescriptor(),
              PortfolioServiceGrpc.getServiceDescriptor(),
              RoutingServiceGrpc.getServiceDescriptor())
          .map(ServiceDescriptor::getMethods)
          .flatMap(methods -> methods.stream())
          .collect(Collectors.toMap(MethodDescriptor::getFullMethodName, Function.identity()));

  private Contract() {}

  /** The full name of a method as a case names it. */
  static String fullName(String method) {
    return method.contains(".") ? method : PROTO_PACKAGE + method;
  }

  @SuppressWarnings("unchecked") // generated methods take and give messages
  static MethodDescriptor<Message, Message> method(String name) {
    MethodDescriptor<?, ?> found = METHODS.get(fullName(name));
    if (found == null) {
      throw new IllegalArgumentException("there is no method " + name);
    }
    return (MethodDescriptor<Message, Message>) found;
  }

  static Message request(MethodDescriptor<Message, Message> method, JsonElement written)
      throws InvalidProtocolBufferException {
    var marshaller = (PrototypeMarshaller<Message>) method.getRequestMarshaller();
    return parsed(marshaller.getMessagePrototype(), written);
  }

  /** A message of the contract without anything in it. */
  static Message prototype(String protoName) {
    String name = protoName.substring(PROTO_PACKAGE.length()).replace('.', '$');
    return defaultInstance(JAVA_PACKAGE + name);
  }

  static Message unpack(Any detail) throws InvalidProtocolBufferException {
    return detail.unpack(defaultInstance(DETAILS_PACKAGE + kind(detail)).getClass());
  }

  /** The last part of a detail's name. */
  static String kind(Any detail) {
    return detail.getTypeUrl().substring(detail.getTypeUrl().lastIndexOf('.') + 1);
  }

  private static Message defaultInstance(String className) {
    try {
      return (Message) Class.forName(className).getMethod("getDefaultInstance").invoke(null);
    } catch (ReflectiveOperationException failure) {
      throw new IllegalArgumentException(className, failure);
    }
  }

  static Message parsed(Message prototype, JsonElement written)
      throws InvalidProtocolBufferException {
    Message.Builder builder = prototype.newBuilderForType();
    JsonFormat.parser().merge(written.toString(), builder);
    return builder.build();
  }

  /** As cases write it: with the fields that have their default value. */
  static JsonElement withDefaults(MessageOrBuilder message) throws InvalidProtocolBufferException {
    return printed(JsonFormat.printer().alwaysPrintFieldsWithNoPresence(), message);
  }

  static JsonElement withoutDefaults(MessageOrBuilder message)
      throws InvalidProtocolBufferException {
    return printed(JsonFormat.printer(), message);
  }

  private static JsonElement printed(JsonFormat.Printer printer, MessageOrBuilder message)
      throws InvalidProtocolBufferException {
    return JsonParser.parseString(printer.print(message));
  }
}
