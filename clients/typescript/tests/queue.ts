/** A queue whose takers wait. */
export class Queue<T> {
  readonly #items: T[] = [];
  readonly #takers: ((item: T) => void)[] = [];

  put(item: T): void {
    const taker = this.#takers.shift();
    if (taker === undefined) {
      this.#items.push(item);
    } else {
      taker(item);
    }
  }

  async take(): Promise<T> {
    const item = this.#items.shift();
    return item ?? (await new Promise((resolve) => this.#takers.push(resolve)));
  }
}
