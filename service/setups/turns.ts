import { FairQueue } from "pulumi-channels/ses";

export interface TurnLimits {
	readonly atOnce: number;
	/** Of them, those of one workspace. */
	readonly ofWorkspace: number;
}

/** Lets so much work be under way at once, and so much of each workspace; what waits comes up workspace by workspace. */
export class Turns {
	readonly #waiting = new FairQueue<() => void>();
	/** How much is under way, by workspace. */
	readonly #underWay = new Map<string, number>();
	#total = 0;

	constructor(private readonly limits: TurnLimits) {}

	/**
	 * Resolves when it is the caller's turn, which ends when it is disposed of.
	 * @throws what the signal is aborted with
	 */
	async take(workspaceId: string, signal: AbortSignal): Promise<Disposable> {
		signal.throwIfAborted();
		await new Promise<void>((resolve, reject) => {
			const leave = () => {
				this.#waiting.remove(workspaceId, go);
				reject(signal.reason);
			};
			const go = () => {
				signal.removeEventListener("abort", leave);
				this.#count(workspaceId, 1);
				resolve();
			};
			signal.addEventListener("abort", leave, { once: true });
			this.#waiting.add(workspaceId, go);
			this.#advance();
		});
		return {
			[Symbol.dispose]: () => {
				this.#count(workspaceId, -1);
				this.#advance();
			},
		};
	}

	#advance(): void {
		while (this.#total < this.limits.atOnce) {
			const go = this.#waiting.next((workspace) => this.#of(workspace) < this.limits.ofWorkspace);
			if (go === undefined) return;
			go();
		}
	}

	#of(workspaceId: string): number {
		return this.#underWay.get(workspaceId) ?? 0;
	}

	#count(workspaceId: string, change: number): void {
		this.#total += change;
		const of = this.#of(workspaceId) + change;
		if (of === 0) this.#underWay.delete(workspaceId);
		else this.#underWay.set(workspaceId, of);
	}
}
