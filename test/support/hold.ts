import type { FaultMoment, FaultRule, Faults } from "../../sandbox/index.js";

/** Keeps one call waiting, and says when it has come there. */
export class Hold implements Disposable {
	/** Resolves once the call waits. */
	readonly reached: Promise<void>;
	/** Lets it go on; nothing is held from then on. */
	readonly lift: () => void;

	constructor(faults: Faults, call: Omit<FaultRule, "effect" | "times">, when: FaultMoment) {
		const reached = Promise.withResolvers<void>();
		const lifted = Promise.withResolvers<void>();
		const until: PromiseLike<void> = {
			// The sandbox asks for it when the call is there, and not before.
			// biome-ignore lint/suspicious/noThenProperty: it stands for the promise, and notes who waits.
			then(...handlers) {
				reached.resolve();
				return lifted.promise.then(...handlers);
			},
		};
		const remove = faults.add({ ...call, effect: { kind: "hold", until, when } });
		this.reached = reached.promise;
		this.lift = () => {
			remove();
			lifted.resolve();
		};
	}

	[Symbol.dispose](): void {
		this.lift();
	}
}
