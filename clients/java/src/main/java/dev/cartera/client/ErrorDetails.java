package dev.cartera.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.LocalizedMessage;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.RequestInfo;
import com.google.rpc.ResourceInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that the service says of a failed call.
 *
 * <p>A failed call is not a failed operation: after UNAVAILABLE or DEADLINE_EXCEEDED its outcome is
 * unknown. Call again with the same {@code requestId}, and the service answers as it did the first
 * time.
 *
 * @param code the status code
 * @param reason the name of an ErrorReason without its prefix, such as {@code CAMPAIGN_CLOSED};
 *     empty where the failure is the connection's. Act on it, on {@code metadata} and on the fields
 *     of violations, never on a text
 * @param metadata the reason's particulars
 * @param message for people, in the {@code locale} that the caller asked for
 * @param locale the language of the message; empty where it is not the service's
 * @param fieldViolations the fields of the request that were refused
 * @param preconditions the conditions that do not hold; the type of each is the name of an
 *     ErrorReason
 * @param resource what the failure is about
 * @param retryDelay after what time another attempt makes sense
 * @param correlationId that of the call in the service's log
 * @param requestId that of the request, named by the caller or by the channel
 */
public record ErrorDetails(
    Status.Code code,
    String reason,
    Map<String, String> metadata,
    String message,
    String locale,
    List<BadRequest.FieldViolation> fieldViolations,
    List<PreconditionFailure.Violation> preconditions,
    Optional<ResourceInfo> resource,
    Optional<Duration> retryDelay,
    String correlationId,
    String requestId) {

  /** Those of a StatusException or StatusRuntimeException, or of what one of them has caused. */
  public static ErrorDetails of(Throwable failure) {
    Status status = Status.fromThrowable(failure);
    com.google.rpc.Status received = StatusProto.fromThrowable(failure);
    List<Any> details = received == null ? List.of() : received.getDetailsList();
    ErrorInfo info = find(details, ErrorInfo.getDefaultInstance());
    LocalizedMessage localized = find(details, LocalizedMessage.getDefaultInstance());
    return new ErrorDetails(
        status.getCode(),
        info.getReason(),
        info.getMetadataMap(),
        localized.getMessage().isEmpty() ? describe(status) : localized.getMessage(),
        localized.getLocale(),
        find(details, BadRequest.getDefaultInstance()).getFieldViolationsList(),
        find(details, PreconditionFailure.getDefaultInstance()).getViolationsList(),
        present(find(details, ResourceInfo.getDefaultInstance())),
        present(find(details, RetryInfo.getDefaultInstance())).map(ErrorDetails::delay),
        find(details, RequestInfo.getDefaultInstance()).getRequestId(),
        requestIdOf(failure));
  }

  /** The first detail of a kind, the default instance where there is none. */
  private static <T extends Message> T find(List<Any> details, T none) {
    @SuppressWarnings("unchecked") // the class of a T
    Class<T> kind = (Class<T>) none.getClass();
    return details.stream()
        .filter(each -> each.is(kind))
        .findFirst()
        .flatMap(each -> unpack(each, kind))
        .orElse(none);
  }

  private static <T extends Message> Optional<T> unpack(Any detail, Class<T> kind) {
    try {
      return Optional.of(detail.unpack(kind));
    } catch (InvalidProtocolBufferException proxysInvention) {
      return Optional.empty();
    }
  }

  private static <T extends Message> Optional<T> present(T found) {
    return Optional.of(found).filter(each -> !each.equals(each.getDefaultInstanceForType()));
  }

  private static Duration delay(RetryInfo retry) {
    return Duration.ofSeconds(retry.getRetryDelay().getSeconds(), retry.getRetryDelay().getNanos());
  }

  private static String describe(Status status) {
    return status.getDescription() == null ? status.getCode().name() : status.getDescription();
  }

  private static String requestIdOf(Throwable failure) {
    Metadata trailers = Status.trailersFromThrowable(failure);
    String id = trailers == null ? null : trailers.get(RequestIdInterceptor.REQUEST_ID);
    return id == null ? "" : id;
  }
}
