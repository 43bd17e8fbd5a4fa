package org.bitbeam.root.internal.remote;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Takes at most so many bytes of an answer, however many a server sends. */
final class BoundedBody implements BodySubscriber<BoundedBody.Bytes> {
  private static final int FIRST_BYTES = 16 << 10;

  private final int most;
  private final CompletableFuture<Bytes> result = new CompletableFuture<>();
  private byte[] bytes;
  private int length;
  private Flow.@Nullable Subscription subscription;

  /**
   * What came.
   *
   * @param array holds it
   * @param length bytes of it
   * @param isCut whether more came, which was not taken
   */
  record Bytes(byte[] array, int length, boolean isCut) {}

  BoundedBody(int most) {
    this.most = most;
    this.bytes = new byte[Math.min(most, FIRST_BYTES)];
  }

  @Override
  public CompletionStage<Bytes> getBody() {
    return result;
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription = given;
    given.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      if (result.isDone()) {
        return;
      }
      int some = Math.min(buffer.remaining(), most - length);
      if (length + some > bytes.length) {
        bytes = Arrays.copyOf(bytes, (int) Math.min(most, Math.max(2L * length, length + some)));
      }
      buffer.get(bytes, length, some);
      length += some;
      if (buffer.hasRemaining()) {
        if (subscription != null) {
          subscription.cancel();
        }
        result.complete(new Bytes(bytes, length, true));
      }
    }
  }

  @Override
  public void onError(Throwable error) {
    result.completeExceptionally(error);
  }

  @Override
  public void onComplete() {
    result.complete(new Bytes(bytes, length, false));
  }
}
