import { canonicalName } from "../../../dns/index.js";
import type { SesSetupDetailResponse } from "../../../sdk/contract.js";
import type { DnsRecord, ZoneSnapshot } from "../../shapes.js";
import { UserError } from "../errors.js";
import type { Difference, Handler } from "../handler.js";
import { inOrderOf, resolveRoute53, type SetupInputs, type SetupOutputs, sameJson } from "../inputs.js";
import type { Progress, World } from "../world.js";
import { tellOfLeftovers } from "./leftovers.js";
import { liveSetup } from "./live.js";
import { preflight } from "./preflight.js";
import { findExisting, register } from "./registration.js";
import { removeSetup } from "./removal.js";

/** `SesSetup`: registers a domain with the Channels API, after a look at where its records will go. */
export const setupHandler: Handler<SetupInputs, SetupOutputs> = {
	kind: "SesSetup",

	diff({ workspaceId }, id, olds, news): Difference {
		if (olds.workspaceId !== undefined && olds.workspaceId !== workspaceId) {
			throw new UserError(
				`setup ${id} (${olds.domainIdentity}) is in workspace ${olds.workspaceId}, and channels:workspaceId is now ` +
					`${workspaceId}. To move the domain, destroy it with the old workspace and key first; to keep both, give ` +
					"each a ChannelsProvider of its own.",
			);
		}
		const replaces = [
			olds.missing === true && "domainIdentity",
			olds.tenantName !== news.tenantName && "tenantName",
			canonicalName(olds.domainIdentity) !== canonicalName(news.domainIdentity) && "domainIdentity",
		].filter((name) => name !== false);
		return { changes: replaces.length > 0 || needsPreflight(olds, news) || turnedOff(olds, news), replaces };
	},

	async create(world, inputs) {
		const progress = world.progress;
		const domain = canonicalName(inputs.domainIdentity);
		const existing = inputs.adoptExisting
			? await findExisting(world, inputs.tenantName, domain, world.stop)
			: undefined;
		const zone = await look(world, inputs, existing, progress);
		progress.show(existing ? `adopting setup ${existing.id}` : `registering ${domain}`);
		const setup =
			existing ?? (await register(world, { tenant: inputs.tenantName, domain }, progress, world.stop));
		progress.show(`${existing ? "adopted" : "registered"} ${domain}`);
		return { id: setup.id, outputs: setupOutputs(world, inputs, setup, zone) };
	},

	async update(world, _id, olds, news) {
		const looked = needsPreflight(olds, news) ? await look(world, news, olds, world.progress) : olds.zone;
		// What stood in a zone before we came decides ownership for ever, so only another zone brings a new look.
		const zone = looked?.id === olds.zone?.id ? olds.zone : looked;
		const { route53: _route53, waitPurpose: _purpose, waitTimeout: _timeout, zone: _zone, ...kept } = olds;
		return { ...kept, ...news, ...(news.route53 && zone && { zone }) };
	},

	async read(world, id, olds) {
		const setup = await liveSetup(world, id, world.stop);
		if (!setup) {
			// A resource that was never ours to manage (`get`) must exist.
			if (olds.workspaceId === undefined) {
				throw new UserError(`workspace ${world.workspaceId} has no setup ${id}.`);
			}
			// Its records still stand in the zone and are still ours. As a replacement the engine takes them down
			// before the new setup looks what is in its way; without this resource it would do so too late.
			return olds.zone ? { ...(olds as SetupOutputs), missing: true } : undefined;
		}
		return setupOutputs(world, { ...olds, ...namesOf(setup) }, setup, olds.zone, olds.dnsRecords);
	},

	async delete(world, id, olds) {
		await removeSetup(world, id, olds.domainIdentity, world.stop);
		await tellOfLeftovers(world, id, olds);
	},
};

/** What of the arguments decides where the records go, or whether they can. */
const placeOf = ({ route53, waitPurpose }: SetupInputs) => {
	if (!route53) return undefined;
	const { ttl: _, ...place } = resolveRoute53(route53);
	return { ...place, waitPurpose: waitPurpose ?? null };
};

const needsPreflight = (olds: SetupInputs, news: SetupInputs) =>
	news.route53 !== undefined && !sameJson(placeOf(olds), placeOf(news));

const turnedOff = (olds: SetupOutputs, news: SetupInputs) =>
	news.route53 === undefined && olds.zone !== undefined;

async function look(
	world: World,
	inputs: SetupInputs,
	existing: Pick<SesSetupDetailResponse, "dns_records"> | SetupOutputs | undefined,
	progress: Progress,
): Promise<ZoneSnapshot | undefined> {
	if (!inputs.route53) return undefined;
	const records = existing && ("dns_records" in existing ? plainRecords(existing) : existing.dnsRecords);
	return preflight(
		world,
		{
			domain: canonicalName(inputs.domainIdentity),
			route53: resolveRoute53(inputs.route53),
			waitPurpose: inputs.waitPurpose,
			records,
		},
		progress,
		world.stop,
	);
}

export const plainRecords = (setup: Pick<SesSetupDetailResponse, "dns_records">): DnsRecord[] =>
	setup.dns_records.map(({ address, type, record }) => ({ address, type, record }));

/** The names as the server has them; what the program wrote, where it means the same. */
const namesOf = (setup: SesSetupDetailResponse) => ({
	tenantName: setup.tenant_name,
	domainIdentity: canonicalName(setup.domain_identity),
});

/** What state holds of a setup. */
export function setupOutputs(
	world: Pick<World, "workspaceId">,
	inputs: Partial<SetupInputs>,
	setup: SesSetupDetailResponse,
	zone: ZoneSnapshot | undefined,
	known: DnsRecord[] = [],
): SetupOutputs {
	return {
		...inputs,
		...namesOf(setup),
		workspaceId: world.workspaceId,
		dnsRecords: inOrderOf(known, plainRecords(setup)),
		createdAt: setup.created_at,
		...(zone && { zone }),
	};
}
