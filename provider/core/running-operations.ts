/** The operations that are being worked on together. */
export class Operations {
	#running = 0;
	#most = 0;
	#awaitingIdle: (() => void)[] = [];

	async run<T>(work: () => Promise<T>): Promise<T> {
		this.#running += 1;
		this.#most = Math.max(this.#most, this.#running);
		try {
			return await work();
		} finally {
			this.#running -= 1;
			if (this.#running === 0) for (const tell of this.#awaitingIdle.splice(0)) tell();
		}
	}

	get busy(): boolean {
		return this.#running > 0;
	}

	/** Resolves once nothing is being worked on. */
	async idle(): Promise<void> {
		while (this.busy) await new Promise<void>((resolve) => this.#awaitingIdle.push(resolve));
	}

	/**
	 * Whether the engine can start nothing more until one of them ends. An engine that was seen to run more
	 * than `slots` at once was told its number by `--parallel`, and nobody knows it.
	 */
	fill(slots: number): boolean {
		return this.#running >= slots && this.#most <= slots;
	}
}
