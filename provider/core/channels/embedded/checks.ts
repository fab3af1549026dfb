import type { DiagnosisResponse, DnsRecordResponse } from "../../../../sdk/contract.js";
import {
	type Deadline,
	describeWord,
	diagnosisOf,
	dnsRecords,
	judge,
	labelOf,
	Obstacles,
	type Remedies,
	Restarts,
	type Ses,
	type SesWord,
	type SetupInSes,
} from "../../../../ses/index.js";
import { domainOfRecords } from "../../../arguments/record-kinds.js";
import type { Clock } from "../../clock.js";
import type { Operation } from "../../operation.js";
import type { SetupRef } from "../setup.js";
import type { Here, RecordSettings } from "./here.js";
import { type Located, locate, lookAgain, tenantOf } from "./locate.js";

/** What a check found. */
interface Found {
	readonly domain: string;
	readonly records: DnsRecordResponse[];
	/** See {@link CheckedSetup}. */
	readonly withheld: string | undefined;
}

/** How long SES's word on the account holds, and gets for one restart of a search that it gave up, in milliseconds. */
const holdsMs = 3_600_000;
const questionMs = 15_000;

const remedies: Remedies = {
	anew: "Run `pulumi refresh`, then `pulumi up`.",
	lookAgain: (when) =>
		`\`pulumi up\` with \`waitForVerification\` has it look again ${when}; that may take some minutes.`,
	setMailFrom: () => "Set it there again (aws sesv2 put-email-identity-mail-from-attributes).",
};

/** Nobody reads a log of the provider. */
const log = { info() {}, warn() {}, error() {} };

/** Checks live which records of setups stand, as the service does. */
export class Checks {
	readonly #obstacles: Obstacles;
	readonly #restarts: Restarts;
	/** By setup: what the last check found, whose flags stand where a question stays open. */
	readonly #last = new Map<string, SetupInSes>();

	constructor(
		private readonly ses: Ses,
		private readonly settings: RecordSettings,
		clock: Clock,
	) {
		this.#restarts = new Restarts(ses, log, holdsMs, clock);
		this.#obstacles = new Obstacles(ses, log, {
			...{ holdsMs, deadlineMs: questionMs, now: () => clock.now(), clock },
			operator: "Whoever owns the account",
		});
	}

	/** To be told of what is made: its next check goes by it. */
	note(setup: SetupInSes): void {
		this.#last.set(setup.id, setup);
	}

	/** What a setup asks for, of which nobody has looked yet what stands. */
	recordsOf({ identity }: Pick<Located, "identity">): DnsRecordResponse[] {
		return dnsRecords(identity, this.ses.region, this.settings);
	}

	/** Of a setup that was just found, with what SES says of its identity. Nothing is changed. */
	async of(operation: Operation, here: Here, located: Located, deadline: Deadline): Promise<Found> {
		const { found } = await this.#judged(operation, here, located, deadline);
		return found;
	}

	/**
	 * Of a setup that is waited for. SES is asked for its word only once the DKIM records stand, because its resolver would
	 * remember that they do not. What it gave up, and stands by now, it is told to look for again.
	 */
	async again(
		operation: Operation,
		here: Here,
		ref: SetupRef,
		deadline: Deadline,
	): Promise<Found | "apart" | "gone"> {
		const setup = this.#last.get(ref.id) ?? (await resumed(operation, here, ref, deadline));
		if (setup === "apart") return setup;
		if (setup !== undefined) {
			const { lookups, stop: signal } = operation;
			const checks = await lookups.checkAll(setup.dnsRecords, { signal });
			const judges = { ses: this.ses, log, restarts: this.#restarts };
			const judgement = await judge(setup, checks, judges, deadline);
			if (judgement.ses.kind === "silent") throw judgement.ses.error;
			if (judgement.standing === undefined || judgement.standing === "own")
				return this.#kept(setup, judgement.dnsRecords, judgement.ses);
		}
		// Gone, another's, or with other keys: what there is now has to be seen.
		const located = await locate(here, operation, ref, deadline);
		if (!located) return "gone";
		const { found } = await this.#judged(operation, here, located, deadline, this.#restarts);
		return found;
	}

	async diagnosis(
		operation: Operation,
		here: Here,
		located: Located,
		deadline: Deadline,
	): Promise<DiagnosisResponse> {
		const { setup, checks, word } = await this.#judged(operation, here, located, deadline);
		const obstacles = await this.#obstacles.of(setup);
		const checkedAt = new Date(operation.clock.now()).toISOString();
		return diagnosisOf({ setup, checkedAt, checks, word, obstacles }, remedies);
	}

	/** What keeps a domain from sending that is verified. */
	async obstacles(operation: Operation, here: Here, ref: SetupRef, deadline: Deadline): Promise<string[]> {
		const setup = this.#last.get(ref.id);
		const located = setup ? undefined : await locate(here, operation, ref, deadline);
		const known = setup ?? (located && this.#inSes(here, located));
		return known ? (await this.#obstacles.of(known)).map(({ reason }) => reason) : [];
	}

	#inSes({ home: { workspaceId } }: Here, { id, tenant, domain, identity }: Located): SetupInSes {
		const mailFrom = (identity.mailFrom && labelOf(identity.mailFrom.domain, domain)) ?? null;
		return {
			id,
			workspaceId,
			tenantName: tenant,
			domain,
			mailFrom,
			dnsRecords: this.recordsOf({ identity }),
		};
	}

	async #judged(operation: Operation, here: Here, located: Located, deadline: Deadline, restarts?: Restarts) {
		const setup = this.#inSes(here, located);
		const { identity } = located;
		const { lookups, stop: signal } = operation;
		const checks = await lookups.checkAll(setup.dnsRecords, { signal });
		const judges = { ses: { identity: async () => identity }, log, restarts };
		const { dnsRecords } = await judge(setup, checks, judges, deadline);
		const word: SesWord = { kind: "answer", identity };
		const found = this.#kept(setup, dnsRecords, word);
		return { setup: { ...setup, dnsRecords: found.records }, checks, word, found };
	}

	#kept(setup: SetupInSes, records: DnsRecordResponse[], word: SesWord): Found {
		this.note({ ...setup, dnsRecords: records });
		const isAskedFor = records.some(({ type }) => type === "CNAME");
		const { reason } = describeWord(word, setup, remedies);
		return { domain: setup.domain, records, withheld: isAskedFor ? undefined : (reason ?? undefined) };
	}
}

/**
 * What the state of a wait knows of a setup that this process has neither made nor read: a run that was interrupted may have
 * taken its domain out of its tenant. Undefined where that is too little for a check.
 */
async function resumed(
	operation: Operation,
	here: Here,
	{ id, records = [], ...ref }: SetupRef,
	deadline: Deadline,
): Promise<SetupInSes | "apart" | undefined> {
	if (records.length === 0) return undefined;
	const domain = ref.domain ?? domainOfRecords(records);
	const tenant = await lookAgain(operation, () => tenantOf(here.ses, { id, domain }, deadline));
	if (!tenant) return "apart";
	const exchanger = records.find(({ type, address }) => type === "MX" && address !== domain);
	return {
		...{ id, workspaceId: here.home.workspaceId, tenantName: tenant.name, domain },
		mailFrom: (exchanger && labelOf(exchanger.address, domain)) ?? null,
		dnsRecords: records.map(({ address, type, record }) => ({
			address,
			type,
			record,
			verified: false,
		})) as DnsRecordResponse[],
	};
}
