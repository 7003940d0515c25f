package dev.cartera.contract;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.grpc.StatusRuntimeException;
import java.util.Iterator;
import java.util.Optional;

/** A call of many answers that is being read. */
final class Watched {
  private final Step step;
  private final Iterator<Message> stream;
  private Outcome end;

  Watched(Step step, Iterator<Message> stream) {
    this.step = step;
    this.stream = stream;
  }

  JsonElement nextMatching(JsonElement pattern, int number)
      throws UnexpectedException, InvalidProtocolBufferException {
    JsonElement message = next();
    if (message == null) {
      throw new UnexpectedException(
          "the stream ended with %s before message %d".formatted(end, number));
    }
    Optional<String> wrong = Pattern.mismatch(pattern, message, "");
    if (wrong.isPresent()) {
      throw new UnexpectedException("message %d: %s".formatted(number, wrong.get()));
    }
    return message;
  }

  /** How it ends, where nothing more comes. */
  Outcome end() throws UnexpectedException, InvalidProtocolBufferException {
    JsonElement message = next();
    if (message != null) {
      throw new UnexpectedException("the stream went on with " + message);
    }
    return end;
  }

  /** The next message that isn't skipped; null at the end. */
  private JsonElement next() throws UnexpectedException, InvalidProtocolBufferException {
    try {
      while (stream.hasNext()) {
        JsonElement message = Contract.withDefaults(stream.next());
        if (!step.skips(message)) {
          return message;
        }
      }
      end = Outcome.ok(new JsonObject());
    } catch (StatusRuntimeException failure) {
      end = Outcome.failed(failure);
    }
    return null;
  }
}
