package dev.cartera.contract;

/** A step isn't as expected. */
final class UnexpectedException extends Exception {
  private static final long serialVersionUID = 1;

  UnexpectedException(String message) {
    super(message);
  }
}
