package dev.cartera.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.UUID;

/**
 * Gives a request that changes something an id, above gRPC's own retries: all of them send the
 * same. A failure's trailers say which it was.
 */
final class RequestIdInterceptor implements ClientInterceptor {
  static final Metadata.Key<String> REQUEST_ID =
      Metadata.Key.of("cartera-client-request-id-bin", new Utf8Marshaller());

  private static final String FIELD = "request_id";

  @Override
  public <RequestT, ResponseT> ClientCall<RequestT, ResponseT> interceptCall(
      MethodDescriptor<RequestT, ResponseT> method, CallOptions options, Channel next) {
    return new NamedCall<>(next.newCall(method, options));
  }

  private static final class NamedCall<RequestT, ResponseT>
      extends SimpleForwardingClientCall<RequestT, ResponseT> {
    private volatile String requestId = "";

    NamedCall(ClientCall<RequestT, ResponseT> call) {
      super(call);
    }

    @Override
    public void start(Listener<ResponseT> listener, Metadata headers) {
      super.start(
          new SimpleForwardingClientCallListener<>(listener) {
            @Override
            public void onClose(Status status, Metadata trailers) {
              super.onClose(status, withRequestId(trailers));
            }
          },
          headers);
    }

    @Override
    public void sendMessage(RequestT request) {
      super.sendMessage(named(request));
    }

    @SuppressWarnings("unchecked") // the copy of a message is of its own type
    private RequestT named(RequestT request) {
      if (!(request instanceof Message message)) {
        return request;
      }
      FieldDescriptor field = message.getDescriptorForType().findFieldByName(FIELD);
      if (field == null) {
        return request;
      }
      requestId = (String) message.getField(field);
      if (!requestId.isEmpty()) {
        return request;
      }
      requestId = UUID.randomUUID().toString();
      return (RequestT) message.toBuilder().setField(field, requestId).build();
    }

    private Metadata withRequestId(Metadata trailers) {
      Metadata own = new Metadata();
      own.merge(trailers);
      own.put(REQUEST_ID, requestId);
      return own;
    }
  }

  /** An id that the caller has chosen may have any letters. */
  private static final class Utf8Marshaller implements Metadata.BinaryMarshaller<String> {
    @Override
    public byte[] toBytes(String value) {
      return value.getBytes(UTF_8);
    }

    @Override
    public String parseBytes(byte[] content) {
      return new String(content, UTF_8);
    }
  }
}
