import type { Logger } from "pino";
import { isPublished, isUnknown, type Lookups, type RecordCheck } from "pulumi-channels/dns";
import type { DnsRecordResponse } from "pulumi-channels/sdk";
import type { Setup, SetupStore } from "../database/setups.js";
import { DatabaseUnavailable } from "../database/unavailable.js";
import { Deadline } from "../upstream/deadline.js";
import { UpstreamError } from "../upstream/errors.js";
import type { SesUpstream } from "../upstream/ses.js";
import { isOfMailFrom, mailFromOf } from "./mail-from.js";
import type { Restarts } from "./restarts.js";
import { type SesWord, standingOf } from "./ses-word.js";
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

/** What one question about a record came to; undefined when it stayed open. */
type Verdict = boolean | undefined;

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
		private readonly upstream: SesUpstream,
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
		const published = checks.map(isPublished);
		const isDkim = setup.dnsRecords.map((record) => record.type === "CNAME");
		const deadline = new Deadline(this.options.upstreamMs, true, setup.workspaceId);
		const ses = await this.#ask(
			setup,
			published.filter((_, index) => isDkim[index]),
			deadline,
		);
		const accepted = await this.#isAccepted(setup, ses, deadline);
		const exchanger = setup.dnsRecords.findIndex((each) => each.type === "MX" && isOfMailFrom(setup, each));
		if (published[exchanger]) await this.#reviveMailFrom(setup, ses, deadline);
		const verdicts = published.map((verdict, index) => (verdict && isDkim[index] ? accepted : verdict));
		const kept = await this.#keep(
			setup,
			setup.dnsRecords.map((record, index) => ({ ...record, verified: verdicts[index] ?? record.verified })),
			{ isWhole: !verdicts.includes(undefined), isAccepted: ses.kind === "answer" && accepted === true },
		);
		if (kept) return { setup: kept, checks, ses };
		// Deleted meanwhile; or it asks for other records by now, since it was given another MAIL FROM domain.
		const last = await this.setups.find(setup.workspaceId, setup.id);
		return last && this.check(last);
	}

	/** What was seen is told even where it cannot be kept; the time of the last check is then that of the last kept. */
	async #keep(
		setup: Setup,
		dnsRecords: DnsRecordResponse[],
		found: { isWhole: boolean; isAccepted: boolean },
	): Promise<Setup | undefined> {
		try {
			return await this.setups.recordCheck(setup, dnsRecords, found);
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

	/**
	 * SES is asked only while the domain's three records stand: it looks them up when asked, and its resolver would
	 * remember a "no" for as long as the zone's SOA says.
	 */
	async #ask(setup: Setup, dkimPublished: Verdict[], deadline: Deadline): Promise<SesWord> {
		if (!dkimPublished.every((verdict) => verdict === true)) return { kind: "not asked" };
		try {
			return { kind: "answer", identity: await this.upstream.identity(setup.domain, deadline) };
		} catch (error) {
			if (!(error instanceof UpstreamError)) throw error;
			this.log.warn({ err: error, setupId: setup.id }, "SES could not be asked; the last answer stands");
			return { kind: "silent", error };
		}
	}

	/** Has SES look for the MX record of the setup's MAIL FROM domain again, which stands, where it gave that up. */
	async #reviveMailFrom(setup: Setup, ses: SesWord, deadline: Deadline): Promise<void> {
		if (ses.kind !== "answer" || setup.state !== "active") return;
		const { identity } = ses;
		const isOurs = standingOf(identity, setup) === "own" && mailFromOf(setup) === identity?.mailFrom?.domain;
		if (isOurs && identity?.mailFrom?.status === "FAILED")
			await this.options.restarts.mailFrom(setup, identity.mailFrom, deadline);
	}

	/** Whether SES accepts the domain. Its last word counts where it was not asked. */
	async #isAccepted(setup: Setup, ses: SesWord, deadline: Deadline): Promise<Verdict> {
		if (ses.kind === "silent") return undefined;
		if (ses.kind !== "answer")
			return setup.dnsRecords.some((record) => record.type === "CNAME" && record.verified);
		const { identity } = ses;
		const standing = standingOf(identity, setup);
		if (standing === "own") {
			if (identity?.dkim === "FAILED" && setup.state === "active")
				await this.options.restarts.dkim(setup, deadline);
			return identity?.dkim === "SUCCESS";
		}
		if (setup.state === "active") {
			const what =
				standing === "rekeyed" ? "has other DKIM keys in SES than it was made with" : "is gone from SES";
			this.log.error(
				{ setupId: setup.id, domain: setup.domain, owner: identity?.owner },
				`the setup's identity ${what}; delete the setup and create it anew`,
			);
			this.options.onVanished(setup);
		}
		return false;
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
