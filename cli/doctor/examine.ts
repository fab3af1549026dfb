import {
	type AuthoritativeServer,
	canonicalName,
	causesOf,
	type DnsRecord,
	type Finding,
	type Ground,
	groundOf,
	isFound,
	LookupError,
	type Mistake,
	type OtherView,
	type PublishedZone,
	type RecordCheck,
} from "../../dns/index.js";
import { askedProblem } from "../../provider/arguments/asked-records.js";
import type { RecordKind } from "../../provider/arguments/inputs.js";
import { kindsOf } from "../../provider/arguments/record-kinds.js";
import type { Home, Setup } from "../../provider/core/channels/setup.js";
import { UserError } from "../../provider/core/errors.js";
import { type Route53Inputs, resolveRoute53 } from "../../provider/core/inputs.js";
import type { World } from "../../provider/core/world.js";
import { chooseZone } from "../../provider/core/zones/zone-choice.js";
import type { DiagnosisResponse } from "../../sdk/index.js";
import { refOfSetup } from "../selection.js";

/** All that is known of a setup, of its records and of the servers that answer for them. */
export interface Examination {
	id: string;
	home: Home;
	tenantName: string;
	domain: string;
	/** Whether its identity is out of its tenant in SES, where that shows. */
	isApart: boolean;
	createdAt: string;
	/** When the Channels API last looked. */
	checkedAt: string | null;
	live: LiveZone;
	/** The hosted zone that a program with `route53` publishes to, where that was asked. */
	hosted: HostedZone | undefined;
	records: ExaminedRecord[];
	/** Why the records are not to be published, where the API asks for what it should not. */
	refusal: string[] | undefined;
	/** What the API and SES see, where the API tells it. */
	view: DiagnosisResponse | undefined;
}

/** Who answers for the domain in the live DNS. */
type LiveZone =
	| { state: "live"; name: string; servers: string[]; otherView?: OtherView | undefined; ground?: Ground }
	/** No zone covers it. */
	| { state: "none" }
	/** Delegated to servers that do not serve it. */
	| { state: "broken"; name: string }
	/** The look-up failed. */
	| { state: "unknown"; reason: string };

type HostedZone =
	| { state: "found"; id: string; name: string; nameServers: string[] }
	| { state: "none"; reason: string };

export interface ExaminedRecord {
	record: DnsRecord;
	kind: RecordKind;
	/** The word of the Channels API. */
	verified: boolean;
	check: RecordCheck;
	/** Likely reasons, the gravest first; empty where the record is found. */
	causes: (Finding | Mistake)[];
}

/** Asks every authoritative server about the records of a setup. Throws only on abort, or what Route 53 throws. */
export async function examine(
	world: World,
	setup: Setup,
	route53: Route53Inputs | undefined,
): Promise<Examination> {
	const domain = canonicalName(setup.domain_identity);
	world.progress.show(`asking the name servers of ${domain}`);
	const options = { signal: world.stop };
	const records = setup.dns_records.map(({ address, type, record }) => ({ address, type, record }));
	const [live, hosted, checks, view] = await Promise.all([
		findLive(world, domain),
		route53 && findHosted(world, domain, route53),
		world.lookups.checkAll(records, options),
		world.channels.diagnosis(world, refOfSetup(setup)),
	]);
	const place = placeOf(live, hosted);
	const kindOf = kindsOf(records, domain);
	const examined = setup.dns_records.map(async ({ verified }, index): Promise<ExaminedRecord[]> => {
		const [record, check] = [records[index], checks[index]];
		if (!record || !check) return [];
		const kind = kindOf(record);
		if (isFound(check)) return [{ record, kind, verified, check, causes: [] }];
		const causes = await causesOf(check, place, world.lookups, options);
		return [{ record, kind, verified, check, causes }];
	});
	return {
		id: setup.id,
		home: setup.home,
		tenantName: setup.tenant_name,
		domain,
		isApart: setup.isApart ?? false,
		createdAt: setup.created_at,
		checkedAt: setup.dns_checked_at,
		live,
		hosted,
		records: (await Promise.all(examined)).flat(),
		refusal: askedProblem(records, domain, undefined)?.message,
		view,
	};
}

async function findLive(world: World, domain: string): Promise<LiveZone> {
	const options = { signal: world.stop };
	try {
		const delegation = await world.lookups.delegation(domain, options);
		if (!delegation) return { state: "none" };
		if (delegation.broken !== undefined) return { state: "broken", name: delegation.broken };
		const found = await world.lookups.authoritative(domain, options);
		const servers = (found?.servers ?? []).map(describeServer);
		const { zone: name, otherView } = delegation;
		if (!otherView) return { state: "live", name, servers };
		const ground = await groundOf(otherView, (host, type, server) =>
			world.lookups.query(host, type, { ...options, ...(server !== undefined && { server }) }),
		);
		return { state: "live", name, servers, otherView, ground };
	} catch (error) {
		if (!(error instanceof LookupError)) throw error;
		return { state: "unknown", reason: error.message };
	}
}

const describeServer = ({ name, addresses, problem = "has no address" }: AuthoritativeServer) =>
	addresses.length === 0 ? `${name} (${problem})` : name;

async function findHosted(world: World, domain: string, route53: Route53Inputs): Promise<HostedZone> {
	const args = resolveRoute53(route53);
	try {
		const zones = await world.hosts.route53(args);
		const { id, name, nameServers } = await chooseZone(world.lookups, zones, domain, args.zoneId, world.stop);
		return { state: "found", id, name, nameServers };
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		return { state: "none", reason: error.message };
	}
}

/** Where the records are meant to stand: in the hosted zone, else wherever the live DNS looks. */
function placeOf(live: LiveZone, hosted: HostedZone | undefined): PublishedZone | undefined {
	if (hosted?.state === "found") return hosted;
	return live.state === "live" ? { name: live.name } : undefined;
}
