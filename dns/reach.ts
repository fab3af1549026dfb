import type { Answer } from "./answer.js";

/** One way of asking, and whether any answer comes back on it. */
export interface Reach {
	/** Whether it is plain that none does. Questions then fail at once. */
	readonly blocked: boolean;
	/**
	 * Asks a server, unless it is blocked. Questions under way when that becomes plain end with it.
	 * @throws the signal's reason when it aborts
	 */
	ask(
		server: string,
		asking: (signal: AbortSignal | undefined) => Promise<Answer>,
		signal?: AbortSignal,
	): Promise<Answer>;
}

/** Fewer questions without an answer might be about one name whose servers are dead. */
const ENOUGH_SILENCE = 3;
/** A service that began while its network was down must find out in the end that it is up. */
const FORGET_MS = 5 * 60_000;

/**
 * Notices where nothing comes back from anybody, so that this is waited for once and not with every question. One
 * answer, be it a refusal, shows that the way is open, and it then counts as open for good.
 * @param servers How many different ones must have been silent.
 * @param now milliseconds since some moment
 */
export function createReach(servers: number, reason: string, now: () => number): Reach {
	const silent = new Set<string>();
	let silences = 0;
	const refusal: Answer = { kind: "failed", reason, silent: true };
	let open = false;
	let shut = new AbortController();
	let since = 0;

	function blocked(): boolean {
		if (open) return false;
		if (shut.signal.aborted && now() - since > FORGET_MS) {
			shut = new AbortController();
			silent.clear();
			silences = 0;
		}
		return shut.signal.aborted;
	}

	function learn(answer: Answer, server: string): void {
		if (answer.kind !== "failed" || !answer.silent) open = true;
		if (open || shut.signal.aborted) return;
		silent.add(server);
		silences += 1;
		if (silent.size < servers || silences < ENOUGH_SILENCE) return;
		since = now();
		shut.abort();
	}

	return {
		get blocked() {
			return blocked();
		},
		async ask(server, asking, signal) {
			signal?.throwIfAborted();
			if (open) return asking(signal);
			if (blocked()) return refusal;
			const ended = shut.signal;
			try {
				const answer = await asking(signal ? AbortSignal.any([signal, ended]) : ended);
				learn(answer, server);
				return answer;
			} catch (error) {
				signal?.throwIfAborted();
				if (!ended.aborted) throw error;
				return refusal;
			}
		},
	};
}
