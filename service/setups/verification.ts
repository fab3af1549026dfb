import type { Logger } from "pino";
import { isUnknown, type Lookups, type RecordCheck } from "pulumi-channels/dns";
import { Deadline, type Judgement, judge, type Restarts, type Ses, type SesWord } from "pulumi-channels/ses";
import type { Setup, SetupStore } from "../database/setups.js";
import { DatabaseUnavailable } from "../database/unavailable.js";
import { type TurnLimits, Turns } from "./turns.js";

export interface VerificationOptions {
	/** How long a check waits for its turn, in milliseconds. */
	readonly turnMs: number;
	/** How long its look-ups may take then. */
	readonly lookUpMs: number;
	/** How long SES has after them: time of its own, that a slow DNS does not use up. */
	readonly upstreamMs: number;
	/** How many checks look up at once. */
	readonly turns: TurnLimits;
	/** Told about setups whose identity is gone upstream, or has other DKIM keys: for metrics. */
	readonly onVanished: (setup: Setup) => void;
	/** Has SES look again for records that stand and that it gave up. */
	readonly restarts: Pick<Restarts, "dkim" | "mailFrom">;
}

/** What a live check found. */
export interface Finding {
	/** The setup with the flags, and the time, that the check left on it. */
	readonly setup: Setup;
	/** By record, in their order; undefined when no turn came. */
	readonly checks: readonly RecordCheck[] | undefined;
	readonly ses: SesWord;
}

/** Checks live which of a setup's records stand, and keeps what it found. */
export class Verification {
	readonly #underWay = new Map<string, Promise<Finding | undefined>>();
	readonly #turns: Turns;

	constructor(
		private readonly setups: SetupStore,
		private readonly upstream: Ses,
		private readonly lookups: Pick<Lookups, "checkAll">,
		private readonly log: Logger,
		private readonly options: VerificationOptions,
	) {
		this.#turns = new Turns(options.turns);
	}

	/** The same as {@link check}, but one per setup at a time: whoever asks meanwhile gets that. */
	shared(setup: Setup): Promise<Finding | undefined> {
		const underWay = this.#underWay.get(setup.id);
		if (underWay) return underWay;
		const check = this.check(setup).finally(() => this.#underWay.delete(setup.id));
		this.#underWay.set(setup.id, check);
		return check;
	}

	/**
	 * Looks, and leaves on the setup what was found and when.
	 * A question that stays open leaves the flag, and the time of the check, as they were; so does a check whose turn does
	 * not come.
	 * @returns undefined when the setup was deleted meanwhile.
	 */
	async check(setup: Setup): Promise<Finding | undefined> {
		const checks = await this.#look(setup);
		if (checks === undefined) {
			const last = await this.setups.find(setup.workspaceId, setup.id);
			return last && { setup: last, checks, ses: { kind: "no turn" } };
		}
		using deadline = new Deadline(this.options.upstreamMs, { line: setup.workspaceId });
		const restarts = setup.state === "active" ? this.options.restarts : undefined;
		const judgement = await judge(setup, checks, { ses: this.upstream, log: this.log, restarts }, deadline);
		this.#noteVanished(setup, judgement);
		const { ses } = judgement;
		const kept = await this.#keep(setup, judgement);
		if (kept) return { setup: kept, checks, ses };
		// Deleted meanwhile; or it asks for other records by now, since it was given another MAIL FROM domain.
		const last = await this.setups.find(setup.workspaceId, setup.id);
		return last && this.check(last);
	}

	/** What was seen is told even where it cannot be kept; the time of the last check is then that of the last kept. */
	async #keep(setup: Setup, { dnsRecords, isWhole, isAccepted }: Judgement): Promise<Setup | undefined> {
		try {
			return await this.setups.recordCheck(setup, dnsRecords, { isWhole, isAccepted });
		} catch (error) {
			if (!(error instanceof DatabaseUnavailable)) throw error;
			this.log.warn({ err: error, setupId: setup.id }, "what a check found could not be kept");
			return { ...setup, dnsRecords };
		}
	}

	/** Undefined when no turn came. */
	async #look({ id, domain, workspaceId, dnsRecords }: Setup): Promise<RecordCheck[] | undefined> {
		const about = { setupId: id, domain, workspaceId };
		let turn: Disposable;
		try {
			turn = await this.#turns.take(workspaceId, AbortSignal.timeout(this.options.turnMs));
		} catch {
			this.log.warn(about, "too many checks are under way; the last one of this setup stands");
			return undefined;
		}
		using _ = turn;
		const until = AbortSignal.timeout(this.options.lookUpMs);
		const checks = await this.lookups.checkAll(dnsRecords, { until });
		const open = checks.filter(isUnknown);
		if (open.length > 0)
			this.log.info(
				{ ...about, records: open.map(({ record }) => record.address), reasons: reasonsOf(open) },
				"some records could not be looked up; their last flags stand",
			);
		return checks;
	}

	/** Says of a setup's identity that it is gone from SES, or has other keys. */
	#noteVanished(setup: Setup, { ses, standing }: Judgement): void {
		if (setup.state !== "active" || ses.kind !== "answer" || standing === "own") return;
		const what =
			standing === "rekeyed" ? "has other DKIM keys in SES than it was made with" : "is gone from SES";
		this.log.error(
			{ setupId: setup.id, domain: setup.domain, owner: ses.identity?.owner },
			`the setup's identity ${what}; delete the setup and create it anew`,
		);
		this.options.onVanished(setup);
	}
}

const shownReasons = 3;

/** Why nobody could be asked, each reason once; there may be as many as whoever controls a domain likes. */
function reasonsOf(checks: readonly RecordCheck[]): string[] {
	const reasons = checks.flatMap(({ reason, servers }) =>
		[reason, ...servers.map(({ server, reason }) => reason && `${server}: ${reason}`)].filter(
			(each) => each !== undefined,
		),
	);
	return [...new Set(reasons)].slice(0, shownReasons);
}
