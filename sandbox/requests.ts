/** One request to any server of the sandbox, from its arrival on. */
export interface LoggedRequest {
	/** `route53`, `sesv2`, `sts`, `dns`, or the name a proxy was given. */
	readonly service: string;
	/** The AWS operation, the DNS type asked for, or method and path of a proxied request. */
	readonly operation: string;
	/** When it arrived, in milliseconds since the epoch. */
	readonly at: number;
	/** When its answer was sent or its connection dropped; undefined while it is being worked on. */
	readonly endedAt: number | undefined;
	/** The status (HTTP) or response code (DNS, 0 is NOERROR) answered; undefined when dropped or not ended. */
	readonly status: number | undefined;
	/** The AWS account the caller's access key belongs to. */
	readonly account?: string;
	readonly input: unknown;
	/** The error's code where the answer was an error, e.g. `InvalidChangeBatch` or `NXDOMAIN`. */
	readonly error?: string;
	readonly requestId: string;
}

export interface RequestFilter {
	readonly service?: string;
	readonly operation?: string;
	readonly account?: string;
}

type Arrival = Omit<LoggedRequest, "endedAt" | "status" | "error">;
type Outcome = { endedAt: number; status: number | undefined; error?: string };

/** Older requests are forgotten, so that a sandbox that is left running does not grow. */
const remembered = 100_000;

/** What reached the sandbox, in order of arrival: the last 100,000 requests at least. */
export class RequestLog {
	#entries: LoggedRequest[] = [];
	readonly #watchers = new Set<() => void>();

	/** Records a request that has ended. */
	add(entry: LoggedRequest): void {
		this.#entries.push(entry);
		if (this.#entries.length >= 2 * remembered) this.#entries = this.#entries.slice(-remembered);
		this.#changed();
	}

	/** Records a request as it arrives; the function returned is called once, with how it ended. */
	begin(arrival: Arrival): (outcome: Outcome) => void {
		const entry: { -readonly [K in keyof LoggedRequest]: LoggedRequest[K] } = {
			...arrival,
			endedAt: undefined,
			status: undefined,
		};
		this.add(entry);
		return (outcome) => {
			Object.assign(entry, outcome);
			this.#changed();
		};
	}

	all(filter: RequestFilter = {}): LoggedRequest[] {
		return this.#entries.filter(
			(entry) =>
				(filter.service === undefined || filter.service === entry.service) &&
				(filter.operation === undefined || filter.operation === entry.operation) &&
				(filter.account === undefined || filter.account === entry.account),
		);
	}

	count(filter: RequestFilter = {}): number {
		return this.all(filter).length;
	}

	clear(): void {
		this.#entries = [];
	}

	/**
	 * Resolves as soon as `predicate` holds; it is asked now and after every change of the log.
	 * @throws Error when it does not hold within `timeoutMs` (default 10,000), listing what was logged last.
	 */
	until(predicate: (log: this) => boolean, options: { timeoutMs?: number } = {}): Promise<void> {
		const timeoutMs = options.timeoutMs ?? 10_000;
		return new Promise((resolve, reject) => {
			const end = (settle: () => void) => {
				clearTimeout(timer);
				this.#watchers.delete(check);
				settle();
			};
			const check = () => {
				try {
					if (predicate(this)) end(resolve);
				} catch (error) {
					end(() => reject(error));
				}
			};
			const timer = setTimeout(() => {
				const last = this.#entries.slice(-10).map((entry) => `${entry.service} ${entry.operation}`);
				end(() =>
					reject(
						new Error(
							`the expected requests did not come within ${timeoutMs} ms; the last of ${this.#entries.length}: ${last.join(", ")}`,
						),
					),
				);
			}, timeoutMs);
			this.#watchers.add(check);
			check();
		});
	}

	#changed(): void {
		for (const check of [...this.#watchers]) check();
	}
}
