interface Sleeper {
	readonly until: number;
	readonly order: number;
	readonly wake: () => void;
	cancelled: boolean;
}

/**
 * Time in which nothing lasts: once nothing else can go on, it is as late as the next sleeper waits for. Nobody of a
 * simulation may wait for anything but this clock.
 */
export class SimulatedClock {
	#now = Date.UTC(2026, 0, 1);
	/** A binary heap, the next one first. */
	readonly #sleepers: Sleeper[] = [];
	#order = 0;

	now(): number {
		return this.#now;
	}

	monotonic(): number {
		return this.#now;
	}

	sleep(ms: number, signal?: AbortSignal): Promise<void> {
		return new Promise((resolve, reject) => {
			if (signal?.aborted) return reject(signal.reason);
			this.#order += 1;
			const sleeper: Sleeper = {
				until: this.#now + Math.max(0, Math.ceil(ms)),
				order: this.#order,
				cancelled: false,
				wake() {
					signal?.removeEventListener("abort", abort);
					resolve();
				},
			};
			const abort = () => {
				sleeper.cancelled = true;
				reject(signal?.reason);
			};
			signal?.addEventListener("abort", abort, { once: true });
			this.#push(sleeper);
		});
	}

	/**
	 * Lets time pass until the work is done.
	 * @throws Error when it waits for something that will never come, or is not done by `deadline`
	 */
	async run<T>(work: Promise<T>, deadline = Number.POSITIVE_INFINITY): Promise<T> {
		let done = false;
		const end = () => {
			done = true;
		};
		work.then(end, end);
		for (;;) {
			// Whatever can go on without time passing, has gone on then.
			await new Promise(setImmediate);
			if (done) return work;
			const next = this.#next();
			if (!next) throw new Error("everything waits, and nothing will ever come");
			if (next.until > deadline) throw new Error("it is not done in time");
			this.#now = Math.max(this.#now, next.until);
			for (let due = this.#next(); due !== undefined && due.until <= this.#now; due = this.#next()) {
				this.#pop();
				due.wake();
			}
		}
	}

	#next(): Sleeper | undefined {
		while (this.#sleepers[0]?.cancelled) this.#pop();
		return this.#sleepers[0];
	}

	#push(sleeper: Sleeper): void {
		const heap = this.#sleepers;
		let at = heap.push(sleeper) - 1;
		while (at > 0) {
			const parent = (at - 1) >> 1;
			if (!isBefore(sleeper, heap[parent] as Sleeper)) break;
			heap[at] = heap[parent] as Sleeper;
			at = parent;
		}
		heap[at] = sleeper;
	}

	#pop(): void {
		const heap = this.#sleepers;
		const last = heap.pop() as Sleeper;
		if (heap.length === 0) return;
		let at = 0;
		for (;;) {
			let child = 2 * at + 1;
			if (child >= heap.length) break;
			if (child + 1 < heap.length && isBefore(heap[child + 1] as Sleeper, heap[child] as Sleeper)) child += 1;
			if (!isBefore(heap[child] as Sleeper, last)) break;
			heap[at] = heap[child] as Sleeper;
			at = child;
		}
		heap[at] = last;
	}
}

const isBefore = (a: Sleeper, b: Sleeper) => a.until < b.until || (a.until === b.until && a.order < b.order);
