import { startProcess } from "../support/deployment/process.js";
import type { DeclaredSetup } from "../support/deployment/program.js";
import { registered } from "../support/registered.js";
import { partner, role } from "./lanes.js";
import type { Neighbourhood, Wanted } from "./neighbourhood.js";
import type { Api } from "./setups.js";

/** What a run of Pulumi does with a stack, from which state of affairs on. */
export interface Operation {
	readonly run: "up" | "refresh" | "destroy";
	/** Who keeps the setups. Default: a Channels API over HTTP. */
	readonly api?: Api;
	/** Whose the zones are. Default: the account's own. */
	readonly account?: string;
	/** Whether the stack says whose the AWS credentials have to be. */
	readonly checksAccount?: true;
	/** The call that it is about, where the others are those of another operation. */
	readonly about?: string;
	/** Whether its calls are those of a destroy and of a create, of which there are all cases. */
	readonly isBothHalves?: true;
	/** What an `up` has brought about before. */
	readonly before?: (place: Neighbourhood) => DeclaredSetup;
	/** What has happened since, or instead. */
	readonly meanwhile?: (place: Neighbourhood) => Promise<void> | void;
	/** What the program says now. */
	readonly program: (place: Neighbourhood) => DeclaredSetup;
	/** Its records are never away, whatever fails. Default: they may be. */
	readonly staysLive?: true;
	/** What that comes to. */
	readonly wanted: (place: Neighbourhood) => Wanted;
}

const waitForVerification = { timeout: "3m" };

const bare = ({ name, domain }: Neighbourhood): DeclaredSetup => ({
	name: "mail",
	tenantName: name,
	domainIdentity: domain,
});
const published =
	(more: DeclaredSetup["route53"] = {}) =>
	(place: Neighbourhood): DeclaredSetup => ({
		...bare(place),
		route53: { zoneId: place.zones.second.id, ...more },
		waitForVerification,
	});
const inTheSecond = ({ name }: Neighbourhood): Wanted => ({ tenant: name, zone: "second", ttl: 300 });
const nowhere = ({ name }: Neighbourhood): Wanted => ({ tenant: name, zone: undefined, ttl: 300 });

const renamed = {
	program: (place: Neighbourhood) => ({ ...published()(place), tenantName: `${place.name}-renamed` }),
	wanted: (place: Neighbourhood) => ({ ...inTheSecond(place), tenant: `${place.name}-renamed` }),
};

export const operations: Readonly<Record<string, Operation>> = {
	create: {
		run: "up",
		program: (place) => ({ ...bare(place), route53: {}, waitForVerification }),
		wanted: inTheSecond,
	},
	"create without a wait": {
		run: "up",
		program: (place) => ({ ...bare(place), route53: {} }),
		wanted: inTheSecond,
	},
	"create by a role": {
		run: "up",
		account: partner.id,
		program: published({ roleArn: role.arn, externalId: role.externalId }),
		wanted: inTheSecond,
	},
	"create in an account that is checked": {
		run: "up",
		checksAccount: true,
		about: "sts GetCallerIdentity",
		program: published(),
		wanted: inTheSecond,
	},
	adopt: {
		run: "up",
		meanwhile: async ({ stage, name, domain }) => {
			await registered(stage, { tenant: name, domain });
		},
		program: (place) => ({ ...published()(place), adoptExisting: true }),
		wanted: inTheSecond,
	},
	"publish what was not": { run: "up", before: bare, program: published(), wanted: inTheSecond },
	"publish no longer": { run: "up", before: published(), program: bare, wanted: nowhere },
	"change the TTL": {
		run: "up",
		staysLive: true,
		before: published(),
		program: published({ ttl: 600 }),
		wanted: (place) => ({ ...inTheSecond(place), ttl: 600 }),
	},
	"change the zone": {
		run: "up",
		staysLive: true,
		before: (place) => {
			place.delegate("first");
			return published({ zoneId: place.zones.first.id })(place);
		},
		program: published(),
		wanted: inTheSecond,
	},
	"change the tenant": {
		run: "up",
		before: published(),
		...renamed,
	},
	refresh: {
		run: "refresh",
		staysLive: true,
		before: published(),
		program: published(),
		wanted: inTheSecond,
	},
	destroy: { run: "destroy", before: published(), program: published(), wanted: inTheSecond },
};

/** What is asked of SES where the API is the one in the provider; Route 53 and DNS are the same as above. */
const ofSes: Readonly<Record<string, Operation>> = {
	create: { run: "up", program: published(), wanted: inTheSecond },
	"adopt a setup": {
		run: "up",
		meanwhile: async ({ stage, name, domain }) => {
			const world = startProcess(stage, { api: "embedded" });
			const urn = "urn:pulumi:another::program::pulumi-nodejs:dynamic/channels:SesSetup::mail";
			await world.channels.create({ ...world, urn }, { tenant: name, domain }, { adopt: false });
		},
		program: (place) => ({ ...published()(place), adoptExisting: true }),
		wanted: inTheSecond,
	},
	"adopt an identity": {
		run: "up",
		meanwhile: (place) => place.makeByHand(),
		program: (place) => ({ ...published()(place), adoptExisting: true }),
		wanted: inTheSecond,
	},
	"change the tenant": { run: "up", isBothHalves: true, before: published(), ...renamed },
	"change the domain": {
		run: "up",
		isBothHalves: true,
		before: published(),
		program: (place) => ({ ...published()(place), domainIdentity: `news.${place.name}.test` }),
		wanted: inTheSecond,
	},
	refresh: {
		run: "refresh",
		staysLive: true,
		before: published(),
		program: published(),
		wanted: inTheSecond,
	},
	destroy: { run: "destroy", before: published(), program: published(), wanted: inTheSecond },
};

export const embedded: Readonly<Record<string, Operation>> = Object.fromEntries(
	Object.entries(ofSes).map(([title, operation]) => [
		`${title}, embedded`,
		{ ...operation, api: "embedded" as const },
	]),
);

/** A wait for an API that sees nothing of what stands in the zone. */
export const waitInVain: Operation = {
	run: "up",
	program: (place) => ({ ...published()(place), waitForVerification: { timeout: "30s" } }),
	wanted: inTheSecond,
};
