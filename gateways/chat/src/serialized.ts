/** Work that is done one after another where it concerns the same thing. */
export class Serialized {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Does the work once all that was given earlier for the same key is done, whether that failed or not. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(work, work);
    this.#last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === turn) {
        this.#last.delete(key);
      }
    }
  }
}
