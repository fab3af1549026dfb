import { canonicalName } from "../../../dns/index.js";
import type { RecordKind } from "../../arguments/inputs.js";
import { allKinds, desiredSets, ofKinds } from "../../arguments/record-kinds.js";
import { hasUnknown } from "../../arguments/unknown.js";
import type { DnsRecord, RecordSetState, ZoneSnapshot } from "../../shapes.js";
import { refuseElsewhere, refuseUnproven } from "../channels/elsewhere.js";
import { SetupExistsError } from "../channels/exists.js";
import { HalfMadeError } from "../channels/half-made.js";
import { homeInWords } from "../channels/place.js";
import type { Setup } from "../channels/setup.js";
import { codeOf, IncompleteError, lines, saying, UserError } from "../errors.js";
import { changesOf, type Difference, type Handler } from "../handler.js";
import {
	inOrderOf,
	refuseAsked,
	resolveRoute53,
	type SetupInputs,
	type SetupOutputs,
	sameJson,
} from "../inputs.js";
import { grown, unlooked } from "../records/snapshot.js";
import { nameOf } from "../run/claims.js";
import type { World } from "../world.js";
import { hasOwnPolicy, policyChange } from "./inherited-policy.js";
import { tellOfLeftovers } from "./leftovers.js";
import { liveSetup } from "./live.js";
import { namesIn, plainRecords, plansOf, refOf } from "./plans.js";
import { compare, lookFurther, preflight, withoutRecords } from "./preflight.js";
import { register } from "./registration.js";
import { foreseeReplacement } from "./replacement.js";
import type { Refusal } from "./useless-wait.js";

/** `SesSetup`: registers a domain, after a look at where its records will go. */
export const setupHandler: Handler<SetupInputs, SetupOutputs> = {
	kind: "SesSetup",

	async diff(world, id, olds, news): Promise<Difference> {
		const { workspaceId } = world.home;
		refuseElsewhere(refOf(id, olds), world.home);
		if (olds.workspaceId !== undefined && workspaceId !== undefined && olds.workspaceId !== workspaceId) {
			throw new UserError(
				"workspace-changed",
				`setup ${id} (${olds.domainIdentity}) is in workspace ${olds.workspaceId}, and channels:workspaceId is now ` +
					`${workspaceId}. To move the domain, destroy it with the old workspace and key first; to keep both, give ` +
					"each a ChannelsProvider of its own.",
			);
		}
		const { missing = false } = olds;
		const renamed = changesOf(
			olds.tenantName !== news.tenantName && replacing("tenantName", "Another tenant takes another setup."),
			canonicalName(olds.domainIdentity) !== canonicalName(news.domainIdentity) &&
				replacing("domainIdentity", "Another domain takes another setup."),
		);
		const isReplaced = renamed.length > 0 || (missing && world.claims.isDeclared(world.urn));
		if (isReplaced && !hasUnknown(news)) {
			const { retained = false } = world;
			const { account, region } = olds;
			const home = { account, region };
			const old = { id, ...namesIn(olds), home, records: olds.dnsRecords, missing, retained };
			await foreseeReplacement(await world.whole(), old, news);
		}
		const gone =
			olds.dnsRecords.length > 0
				? `Setup ${id} is gone, so another one takes its place.`
				: `Setup ${id} was never whole, so another one takes its place.`;
		return [
			...changesOf(missing && { ...replacing("domainIdentity", gone), isHidden: true }),
			...renamed,
			...changesOf(
				needsPreflight(olds, news) && changing("The zone is looked at anew, for what is published there."),
				olds.apart === true && {
					...changing("Its identity is out of its tenant in Amazon SES."),
					isHidden: true,
				},
				isUnlooked(olds, news) && changing("The API asks for records where nobody has looked yet."),
				turnedOff(olds, news) && changing("Nothing is published any more."),
			),
		];
	},

	async create(world, inputs) {
		const { progress } = world;
		const names = namesIn(inputs);
		const existing = inputs.adoptExisting ? await world.channels.find(world, names) : undefined;
		if (existing) return await takeOver(world, inputs, existing);
		const zone = inputs.route53 && (await preflight(world, plansOf(inputs, undefined)));
		progress.show(`registering ${names.domain}`);
		let setup: Setup;
		try {
			setup = await register(world, names, inputs.adoptExisting ?? false);
		} catch (error) {
			if (error instanceof HalfMadeError) throw halfMade(world, inputs, zone, error);
			if (!inputs.adoptExisting || !(error instanceof SetupExistsError)) throw error;
			return await takeOverAfterAll(world, inputs, error);
		}
		const { id } = setup;
		const outputs = setupOutputs(inputs, setup, zone);
		const looked = await judgeOrUndo(world, zone, inputs, { id, outputs });
		if (looked) await warnOfPolicy(world, looked.found, [], published(inputs, outputs.dnsRecords));
		progress.show(`registered ${names.domain}`);
		return { id, outputs: { ...outputs, ...(looked && { zone: looked }) } };
	},

	async update(world, id, olds, news) {
		if (olds.apart) await world.channels.associate?.(world, refOf(id, olds));
		const plans = { ...plansOf(news, olds.dnsRecords), records: olds.dnsRecords, managed: olds.zone?.id };
		const looked = needsPreflight(olds, news)
			? await preflight(world, plans)
			: olds.zone && news.route53 && (await lookFurther(world, olds.zone, plans));
		const seen = looked && olds.adopted ? withItsRecords(looked, olds.dnsRecords) : looked;
		const zone =
			olds.zone && seen?.id === olds.zone.id
				? grown(olds.zone, purposeOf(olds), seen, purposeOf(news))
				: seen;
		const found = [...(olds.zone?.found ?? []), ...(looked?.found ?? [])];
		const { dnsRecords } = olds;
		await warnOfPolicy(world, found, published(olds, dnsRecords), published(news, dnsRecords));
		const {
			route53: _route53,
			waitPurpose: _purpose,
			waitTimeout: _timeout,
			zone: _,
			adopted,
			apart: _apart,
			...kept
		} = olds;
		if (!news.route53 || !zone) return { ...kept, ...news, ...(adopted && { adopted }) };
		return { ...kept, ...news, zone };
	},

	async read(world, id, olds) {
		const setup = await liveSetup(world, refOf(id, olds));
		if (!setup) {
			// A resource that was never ours to manage (`get`) must exist.
			if (olds.workspaceId === undefined) {
				const where = homeInWords(await world.channels.home(world));
				throw new UserError("setup-not-found", `${where} has no setup ${id}.`);
			}
			refuseUnproven(refOf(id, olds), await world.channels.home(world));
			// Its records still stand in the zone and are still ours. As a replacement the engine takes them down
			// before the new setup looks what is in its way; without this resource it would do so too late. So it is with a
			// half that is left of it in SES.
			return olds.zone || olds.account ? { ...(olds as SetupOutputs), missing: true } : undefined;
		}
		// The association comes last: what lacks it as well was never whole.
		if (olds.missing && setup.isApart) return olds as SetupOutputs;
		const { missing: _, apart: _apart, account: _account, region: _region, ...known } = olds;
		return setupOutputs({ ...known, ...namesOf(setup) }, setup, olds.zone, olds.dnsRecords);
	},

	async delete(world, id, olds) {
		const successor = world.claims.successorOf(id, olds);
		if (successor !== undefined) {
			world.progress.warn(
				`Setup ${id} (${olds.domainIdentity}) stays: ${nameOf(successor)} of this program has it now. After a rename or a ` +
					"move, the option `aliases` says that both are one resource.",
			);
			return;
		}
		await world.channels.remove(world, refOf(id, olds));
		await tellOfLeftovers(world, id, olds);
	},
};

/** Makes a resource of a setup that exists. */
async function takeOver(world: World, inputs: SetupInputs, existing: Setup) {
	const known = plainRecords(existing);
	refuseAsked(known, inputs.domainIdentity, inputs.route53 && resolveRoute53(inputs.route53).records);
	const zone = inputs.route53 && (await preflight(world, plansOf(inputs, known)));
	world.progress.show(`adopted ${inputs.domainIdentity}`);
	if (zone) await warnOfPolicy(world, zone.found, [], published(inputs, known));
	const { hasTakenIn = false, id } = existing;
	// They outlive the setup, as the identity does.
	const taken = hasTakenIn ? withoutKinds(known, inputs.domainIdentity, ["dkim", "mailFrom"]) : known;
	const outputs = setupOutputs(inputs, existing, zone && withItsRecords(zone, taken));
	return { id, outputs: { ...outputs, ...(!zone && !hasTakenIn && { adopted: true }) } };
}

/** Makes a resource of a setup that another one of the program, or another run, has registered since it was looked for. */
async function takeOverAfterAll(world: World, inputs: SetupInputs, exists: SetupExistsError) {
	try {
		const existing = await world.channels.find(world, namesIn(inputs));
		if (!existing) throw exists;
		return await takeOver(world, inputs, existing);
	} catch (cause) {
		world.stop.throwIfAborted();
		const stays =
			`Setup ${exists.setupId} of this tenant and domain, which was registered meanwhile, stays and is not in the state. ` +
			"Once nothing is in the way, `pulumi up` takes it over.";
		throw saying(lines(cause as Error, stays, exists.doubt), cause);
	}
}

/** Who takes over a setup takes its records with it, or nobody would own them once its former owner has gone. */
const withItsRecords = (zone: ZoneSnapshot, records: DnsRecord[]): ZoneSnapshot => ({
	...zone,
	found: withoutRecords(zone.found, records),
});

const withoutKinds = (records: DnsRecord[], domain: string, kinds: readonly RecordKind[]): DnsRecord[] =>
	ofKinds(
		records,
		domain,
		allKinds.filter((kind) => !kinds.includes(kind)),
	);

/** What of the arguments decides where the records go, and which. */
const placeOf = ({ route53 }: SetupInputs) => {
	if (!route53) return undefined;
	const { ttl: _ttl, onConflict: _policies, delegationCheck: _check, ...place } = resolveRoute53(route53);
	return place;
};

/** What of them decides about what stands there. */
const decisionOf = ({ route53, waitPurpose }: SetupInputs) => [
	resolveRoute53(route53 ?? {}).onConflict,
	waitPurpose ?? null,
];

const needsPreflight = (olds: SetupOutputs, news: SetupInputs) =>
	news.route53 !== undefined &&
	(!sameJson(placeOf(olds), placeOf(news)) ||
		// Where nothing stood in the way, nothing has to be decided.
		((olds.zone?.found ?? []).length > 0 && !sameJson(decisionOf(olds), decisionOf(news))));

/** Whether the API asks for records at places where nobody has looked yet. */
const isUnlooked = ({ zone, dnsRecords, domainIdentity }: SetupOutputs, { route53 }: SetupInputs) =>
	zone !== undefined &&
	route53 !== undefined &&
	unlooked(desiredSets(dnsRecords, domainIdentity, resolveRoute53(route53)), zone).length > 0;

/** What a look at the zone is for. */
const purposeOf = ({ domainIdentity, route53 }: SetupInputs) => ({
	domain: canonicalName(domainIdentity),
	kinds: resolveRoute53(route53 ?? {}).records,
});

const replacing = (property: string, reason: string) => ({ property, reason, replaces: true });
const changing = (reason: string) => ({ property: "route53", reason, replaces: false });

const turnedOff = (olds: SetupOutputs, news: SetupInputs) =>
	news.route53 === undefined && olds.zone !== undefined;

/** Of the records of a setup, those that are published. */
const published = ({ domainIdentity, route53 }: SetupInputs, records: readonly DnsRecord[]): DnsRecord[] =>
	route53 ? ofKinds(records, domainIdentity, resolveRoute53(route53).records) : [];

/** Before anything is published. Another policy that stands at the domain itself is a conflict, and `onConflict` decides. */
async function warnOfPolicy(
	world: World,
	found: readonly RecordSetState[],
	before: readonly DnsRecord[],
	after: readonly DnsRecord[],
): Promise<void> {
	const warning = hasOwnPolicy(found) ? undefined : await policyChange(world, before, after);
	if (warning) world.progress.warn(warning);
}

/**
 * Judges what could only be foreseen before the setup existed: what it asks for, and what stands there. What is in the way
 * undoes it.
 *
 * @returns the zone, with all that stood where its records go.
 * @throws UserError with both values; IncompleteError when the zone could not be read, or the setup not be deleted again.
 */
async function judgeOrUndo(
	world: World,
	zone: ZoneSnapshot | undefined,
	inputs: SetupInputs,
	made: Made,
): Promise<ZoneSnapshot | undefined> {
	const plans = { ...plansOf(inputs, undefined), records: made.outputs.dnsRecords };
	let looked = zone;
	let refusal: Refusal | undefined;
	try {
		refuseAsked(plans.records, plans.domain, inputs.route53 && plans.route53.records);
		looked = zone && (await lookFurther(world, zone, plans));
		refusal = looked && (await compare(world, looked, plans));
	} catch (error) {
		world.stop.throwIfAborted();
		if (!(error instanceof UserError)) throw unfinished(made, error as Error);
		refusal = (consequence) => saying(lines(error, consequence), error);
	}
	if (refusal) await undo(world, made, refusal);
	return looked;
}

interface Made {
	readonly id: string;
	readonly outputs: SetupOutputs;
}

/** The state has it as one that is to be replaced: so what stands of it is taken down first, and a destroy takes it down too. */
function halfMade(
	{ clock }: World,
	inputs: SetupInputs,
	zone: ZoneSnapshot | undefined,
	error: HalfMadeError,
): IncompleteError {
	const { id, home, code } = error;
	const { tenant: tenantName, domain: domainIdentity } = namesIn(inputs);
	const createdAt = new Date(clock.now()).toISOString();
	const made = { ...inputs, tenantName, domainIdentity, ...homeOf({ home }), dnsRecords: [], createdAt };
	const outputs: SetupOutputs = { ...made, ...(zone && { zone }), missing: true };
	return new IncompleteError(code, id, outputs, [lines(error)], { cause: error });
}

const unfinished = ({ id, outputs }: Made, cause: Error) =>
	new IncompleteError(
		codeOf(cause),
		id,
		outputs,
		[lines(cause, `Setup ${id} is registered, and in the state: \`pulumi up\` goes on with it.`)],
		{ cause },
	);

async function undo(world: World, { id, outputs }: Made, refusal: Refusal): Promise<never> {
	await world.channels.remove(world, refOf(id, outputs)).catch((cause: Error) => {
		const refused = refusal(
			`Nothing was changed in it, but setup ${id}, whose values are compared here, could not be deleted again: ` +
				`${lines(cause).join(" ")} It is in the state, so \`pulumi up\` goes on with it, and \`pulumi destroy\` deletes it.`,
		);
		throw new IncompleteError(refused.code, id, outputs, [lines(refused)], { cause: refused });
	});
	throw refusal("Nothing was changed: the setup whose values are compared here was deleted again.");
}

/** The names as the server has them; what the program wrote, where it means the same. */
const namesOf = (setup: Setup) => ({
	tenantName: setup.tenant_name,
	domainIdentity: canonicalName(setup.domain_identity),
});

/** Where it is, as the state has it. */
const homeOf = ({ home: { workspaceId, account, region } }: Pick<Setup, "home">) => ({
	workspaceId,
	...(account !== undefined && { account }),
	...(region !== undefined && { region }),
});

/** What state holds of a setup. */
export function setupOutputs(
	inputs: Partial<SetupInputs>,
	setup: Setup,
	zone: ZoneSnapshot | undefined,
	known: DnsRecord[] = [],
): SetupOutputs {
	return {
		...inputs,
		...namesOf(setup),
		...homeOf(setup),
		...(setup.isApart && { apart: true }),
		dnsRecords: inOrderOf(known, plainRecords(setup)),
		createdAt: setup.created_at,
		...(zone && { zone }),
	};
}
