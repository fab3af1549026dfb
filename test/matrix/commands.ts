import type { Wanted } from "./neighbourhood.js";
import type { Api } from "./setups.js";

/** A command of Pulumi, and what it calls. */
export interface Command {
	/** Who keeps the setups. Default: a Channels API over HTTP. */
	readonly api?: Api;
	/** Whether the domain's identity is there before, made by hand, and is taken in. */
	readonly adopts?: true;
	readonly command: "up" | "refresh" | "destroy";
	/** What an `up` has brought about before; undefined: nothing. */
	readonly before: Partial<Wanted> | undefined;
	/** What is wanted from now on, as far as it differs. */
	readonly now: Partial<Wanted>;
	/** What it calls, and how often at least. */
	readonly calls: Readonly<Record<string, number>>;
}

const waiting = {
	"route53 GetChange": 1,
	"dns MX": 1,
	"channels POST ses-setup/{id}/verify": 1,
	"channels GET ses-setup/{id}/diagnosis": 1,
};
const asRole = { "sts AssumeRole": 1 };
const looking = { ...asRole, "route53 GetHostedZone": 1, "dns NS": 1 };

const ofService: Readonly<Record<string, Command>> = {
	"the up that creates": {
		command: "up",
		before: undefined,
		now: {},
		calls: {
			...looking,
			"route53 ListHostedZonesByName": 1,
			"route53 GetHostedZone": 2,
			"dns CNAME": 1,
			// The second one is for the names that only the setup tells.
			"route53 ListResourceRecordSets": 3,
			"channels POST ses-setup": 1,
			"dns TXT": 1,
			"route53 ChangeResourceRecordSets": 1,
			...waiting,
		},
	},
	"an up with another TTL": {
		command: "up",
		before: {},
		now: { ttl: 600 },
		calls: { ...asRole, "route53 ListResourceRecordSets": 1, "route53 ChangeResourceRecordSets": 1 },
	},
	"an up with another zone": {
		command: "up",
		before: { zone: "first" },
		now: {},
		calls: {
			...looking,
			"route53 ListResourceRecordSets": 3,
			"dns TXT": 1,
			"route53 ChangeResourceRecordSets": 2,
			...waiting,
		},
	},
	"an up with another tenant": {
		command: "up",
		before: {},
		now: { tenant: "renamed" },
		calls: {
			...looking,
			"channels GET ses-setup": 1,
			"route53 ListResourceRecordSets": 5,
			"channels GET use-cases": 1,
			"route53 ChangeResourceRecordSets": 2,
			"channels DELETE ses-setup/{id}": 1,
			"dns CNAME": 1,
			"channels POST ses-setup": 1,
			"dns TXT": 1,
			...waiting,
		},
	},
	"a refresh": {
		command: "refresh",
		before: {},
		now: {},
		calls: { ...asRole, "channels GET ses-setup/{id}": 1, "route53 ListResourceRecordSets": 1 },
	},
	"a destroy": {
		command: "destroy",
		before: {},
		now: {},
		calls: {
			...asRole,
			"channels GET use-cases": 1,
			"route53 ListResourceRecordSets": 1,
			"route53 ChangeResourceRecordSets": 1,
			"channels DELETE ses-setup/{id}": 1,
		},
	},
};

const inSes = (...operations: string[]) => ({
	"sts GetCallerIdentity": 1,
	...Object.fromEntries(
		["GetTenant", "GetEmailIdentity", ...operations].map((operation) => [`sesv2 ${operation}`, 1]),
	),
});
const made = [
	"CreateTenant",
	"CreateEmailIdentity",
	"PutEmailIdentityMailFromAttributes",
	"CreateTenantResourceAssociation",
	"GetAccount",
];
const takenDown = [
	"ListResourceTenants",
	"DeleteTenantResourceAssociation",
	"DeleteEmailIdentity",
	"DeleteTenant",
];

/** What commands ask of SES with the API in the provider; the rest is as above. */
const ofSes: Readonly<Record<string, Omit<Command, "api">>> = {
	"the up that creates": {
		command: "up",
		before: undefined,
		now: {},
		// The second one is the wait's.
		calls: { ...inSes(...made), "sesv2 GetEmailIdentity": 2 },
	},
	"the up that takes an identity in": {
		command: "up",
		adopts: true,
		before: undefined,
		now: {},
		calls: inSes(
			"ListResourceTenants",
			"CreateTenant",
			"TagResource",
			"CreateTenantResourceAssociation",
			"GetAccount",
		),
	},
	"an up with another tenant": {
		command: "up",
		before: {},
		now: { tenant: "renamed" },
		calls: inSes(...takenDown, ...made),
	},
	"a refresh": { command: "refresh", before: {}, now: {}, calls: inSes("ListTenantResources") },
	"a destroy": { command: "destroy", before: {}, now: {}, calls: inSes(...takenDown) },
	"a destroy of what was taken in": {
		command: "destroy",
		adopts: true,
		before: {},
		now: {},
		calls: inSes("DeleteTenantResourceAssociation", "UntagResource", "DeleteTenant"),
	},
};

export const commands: Readonly<Record<string, Command>> = {
	...ofService,
	...Object.fromEntries(
		Object.entries(ofSes).map(([title, command]) => [
			`${title}, embedded`,
			{ ...command, api: "embedded" as const },
		]),
	),
};
