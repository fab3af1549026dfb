/** `before` the work is done, so that nothing has happened; `after` it is done, so that only the answer is lost. */
export type FaultMoment = "before" | "after";

export type FaultEffect =
	/** An error in the service's own shape; for DNS `code` is the response code, e.g. `SERVFAIL`. `when` defaults to `before`. */
	| {
			readonly kind: "error";
			readonly status: number;
			readonly code: string;
			readonly message: string;
			readonly headers?: Readonly<Record<string, string>>;
			readonly when?: FaultMoment;
	  }
	/** An answer word for word, e.g. a gateway's HTML page or a 201 that cannot be read (HTTP only). */
	| {
			readonly kind: "answer";
			readonly status: number;
			readonly headers?: Readonly<Record<string, string>>;
			readonly body: string;
			readonly when?: FaultMoment;
	  }
	/** `ms` milliseconds pass, by default before the work is done. */
	| { readonly kind: "delay"; readonly ms: number; readonly when?: FaultMoment }
	/** Nothing goes on until then. */
	| { readonly kind: "hold"; readonly until: PromiseLike<unknown>; readonly when?: FaultMoment }
	/** The connection is closed without an answer (a DNS query over UDP stays unanswered). */
	| { readonly kind: "drop"; readonly when: FaultMoment }
	/** The answer ends in the middle: an HTTP connection breaks there, a DNS message has no more. */
	| { readonly kind: "cut"; readonly when?: "after" };

/** Which calls go wrong, and how. */
export interface FaultRule {
	readonly service: string;
	/** Default: every operation of the service. */
	readonly operation?: string;
	/** Further condition on the call's input, as the request log shows it. */
	readonly match?: (input: unknown) => boolean;
	/** The first matching call that is hit, counted from 1 since the rule was added. Default 1. */
	readonly from?: number;
	/** How many calls are hit from there on. Default 1; `Infinity` for all. */
	readonly times?: number;
	readonly effect: FaultEffect;
}

/** The faults in force. Every rule counts the calls it matches; where several hit one call, all apply in order. */
export class Faults {
	readonly #rules = new Set<{ rule: FaultRule; seen: number }>();

	/** Puts a rule in force; the function returned lifts it. */
	add(rule: FaultRule): () => void {
		const entry = { rule, seen: 0 };
		this.#rules.add(entry);
		return () => {
			this.#rules.delete(entry);
		};
	}

	clear(): void {
		this.#rules.clear();
	}

	/** The effects on this call, which counts as seen. */
	hit(call: { service: string; operation: string; input: unknown }): FaultEffect[] {
		const effects: FaultEffect[] = [];
		for (const entry of this.#rules) {
			const { service, operation, match, from = 1, times = 1, effect } = entry.rule;
			if (service !== call.service) continue;
			if (operation !== undefined && operation !== call.operation) continue;
			if (match && !match(call.input)) continue;
			entry.seen += 1;
			if (entry.seen >= from && entry.seen < from + times) effects.push(effect);
		}
		return effects;
	}
}

/** The moment an effect takes place. */
export function momentOf(effect: FaultEffect): FaultMoment {
	return effect.when ?? (effect.kind === "cut" ? "after" : "before");
}
