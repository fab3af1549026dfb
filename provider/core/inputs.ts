/** The arguments as the handlers use them: checked, with every default filled in. */
import { canonicalName, sameRecord } from "../../dns/index.js";
import { askedProblem } from "../arguments/asked-records.js";
import { defaults } from "../arguments/description.js";
import { parseDuration } from "../arguments/duration.js";
import type {
	ConflictPolicy,
	DelegationCheck,
	RecordKind,
	Route53RecordsInputs as RecordsInputs,
	Route53Inputs,
	SesSetupInputs as SetupInputs,
	VerificationInputs,
} from "../arguments/inputs.js";
import { allKinds, domainOfRecords } from "../arguments/record-kinds.js";
import type {
	CheckedDnsRecord,
	DnsRecord,
	KeptRecordSet,
	RecordSetState,
	WrittenRecordSet,
	ZoneSnapshot,
} from "../shapes.js";
import { UserError } from "./errors.js";
import type { Route53Access } from "./hosts/route53/api.js";
import type { ConflictKind } from "./zones/sets.js";

export type { RecordsInputs, Route53Inputs, SetupInputs, VerificationInputs };

export interface SetupOutputs extends SetupInputs {
	workspaceId: string;
	/** Of AWS, where the API is the one in the provider. */
	account?: string;
	region?: string;
	dnsRecords: DnsRecord[];
	createdAt: string;
	zone?: ZoneSnapshot;
	/** It was taken over, and what stands of its records is the taker's once there is a zone. */
	adopted?: boolean;
	/** A refresh found its identity out of its tenant; the next `up` puts it back. */
	apart?: boolean;
	/** A refresh found that the API no longer has the setup; the next `up` replaces it. */
	missing?: boolean;
}

/** Without the inputs that nothing but a publication asks for: they are the setup's own, and in its state. */
export interface RecordsOutputs extends Omit<RecordsInputs, "dnsRecords" | "zone" | "waitForSync"> {
	zoneId: string;
	zoneName: string;
	written: WrittenRecordSet[];
	kept: KeptRecordSet[];
	/** What a refresh found changed by others; empty once it is put back. */
	drift: string[];
	/** What stood where our records belong, where a refresh found it changed, be it left so or not. */
	seen?: RecordSetState[];
	/** A change of which nobody knows whether it was made: what stood before it, and what is written and kept if it was. */
	pending?: PendingChange;
	/** Of earlier states, for the same: what was written before. `written` has all that may be ours. */
	formerlyWritten?: WrittenRecordSet[];
	/** Zones that were left, and in which something of ours still stands. */
	former?: FormerZone[];
	/** The zone argument's own value, because the output of that name is the zone in use. */
	givenZoneId?: string;
}

export interface PendingChange {
	before: RecordSetState[];
	written: WrittenRecordSet[];
	kept: KeptRecordSet[];
}

/** A zone in which the records were, before they moved to another one. */
export interface FormerZone {
	zoneId: string;
	zoneName: string;
	written: WrittenRecordSet[];
	pending?: PendingChange;
	access: Route53Access;
}

export interface VerificationOutputs extends Omit<VerificationInputs, "dnsRecords"> {
	dnsRecords: CheckedDnsRecord[];
	verifiedDomain?: string;
	checkedAt?: string;
	/** Of AWS, where the API is the one in the provider. */
	account?: string;
	region?: string;
}

export type ConflictPolicies = Record<ConflictKind, ConflictPolicy>;

export interface ResolvedRoute53Args extends Route53Access {
	zoneId: string | undefined;
	/** In the order of the default. */
	records: readonly RecordKind[];
	ttl: number;
	onConflict: ConflictPolicies;
	delegationCheck: DelegationCheck;
}

export function resolveRoute53(inputs: Route53Inputs): ResolvedRoute53Args {
	return {
		...accessOf(inputs),
		zoneId: inputs.zoneId?.replace(/^\/hostedzone\//, ""),
		records: inputs.records ? allKinds.filter((kind) => inputs.records?.includes(kind)) : defaults.records,
		ttl: inputs.ttl ?? defaults.ttl,
		onConflict: { ...defaults.onConflict, ...inputs.onConflict },
		delegationCheck: inputs.delegationCheck ?? defaults.delegationCheck,
	};
}

/** How the zones of these arguments are reached. */
export function accessOf({ region, profile, roleArn, externalId }: Route53Inputs): Route53Access {
	return {
		...(region && { region }),
		...(profile && { profile }),
		...(roleArn && { roleArn }),
		...(externalId && { externalId }),
	};
}

/** @throws UserError where an API asks for what is not published on its word. */
export function refuseAsked(...asked: Parameters<typeof askedProblem>): void {
	const problem = askedProblem(...asked);
	if (problem) throw new UserError(problem.code, problem.message);
}

/** The mail domain of records to publish. A program that makes them by itself may leave it to their names. */
export const domainOf = ({ domain, dnsRecords }: Pick<RecordsInputs, "domain" | "dnsRecords">): string =>
	canonicalName(domain ?? domainOfRecords(dnsRecords));

/** In milliseconds. The text has passed the check. */
export const timeoutOf = (inputs: { timeout?: string }): number =>
	parseDuration(inputs.timeout ?? defaults.timeout) ?? 0;

/** Whether two lists have the same records, in whatever order and spelling. */
export function sameRecords(a: readonly DnsRecord[], b: readonly DnsRecord[]): boolean {
	const within = (records: readonly DnsRecord[]) => (record: DnsRecord) =>
		records.some((each) => sameRecord(each, record));
	return a.every(within(b)) && b.every(within(a));
}

/** The order of a list means nothing to the API; keeping the one that state has keeps previews quiet. */
export function inOrderOf<Record extends DnsRecord>(
	known: readonly DnsRecord[],
	records: Record[],
): Record[] {
	const place = (record: DnsRecord) => {
		const index = known.findIndex((each) => sameRecord(each, record));
		return index < 0 ? known.length : index;
	};
	return records.toSorted((a, b) => place(a) - place(b));
}

export const sameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
