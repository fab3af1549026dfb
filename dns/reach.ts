import type { Answer } from "./query.js";

/** One way of asking, and whether any answer comes back on it. */
export interface Reach {
	/** Whether it is plain that none does. Questions then fail at once. */
	readonly blocked: boolean;
	/**
	 * Asks, unless it is blocked. Questions under way when that becomes plain end with it.
	 * @throws the signal's reason when it aborts
	 */
	ask(
		question: { server: string; text: string },
		asking: (signal: AbortSignal) => Promise<Answer>,
		signal?: AbortSignal,
	): Promise<Answer>;
}

export interface Enough {
	/** So many different servers must have been silent, */
	servers: number;
	/** and so many different questions unanswered. */
	questions: number;
}

/** A service that began while its network was down must find out in the end that it is up. */
const FORGET_MS = 5 * 60_000;

/**
 * Notices where nothing comes back from anybody, so that this is waited for once and not with every question. One
 * answer, be it a refusal, shows that the way is open, and it then counts as open for good.
 */
export function createReach(enough: Enough, reason: string): Reach {
	const servers = new Set<string>();
	const questions = new Set<string>();
	const refusal: Answer = { kind: "failed", reason, silent: true };
	let open = false;
	let shut = new AbortController();
	let since = 0;

	function blocked(): boolean {
		if (shut.signal.aborted && performance.now() - since > FORGET_MS) {
			shut = new AbortController();
			servers.clear();
			questions.clear();
		}
		return shut.signal.aborted;
	}

	function learn(answer: Answer, { server, text }: { server: string; text: string }): void {
		if (answer.kind !== "failed" || !answer.silent) open = true;
		if (open || shut.signal.aborted) return;
		servers.add(server);
		questions.add(text);
		if (servers.size < enough.servers || questions.size < enough.questions) return;
		since = performance.now();
		shut.abort();
	}

	return {
		get blocked() {
			return blocked();
		},
		async ask(question, asking, signal) {
			signal?.throwIfAborted();
			if (blocked()) return refusal;
			const ended = shut.signal;
			try {
				const answer = await asking(signal ? AbortSignal.any([signal, ended]) : ended);
				learn(answer, question);
				return answer;
			} catch (error) {
				signal?.throwIfAborted();
				if (!ended.aborted) throw error;
				return refusal;
			}
		},
	};
}
