import { PolicyPack, type ResourceValidationPolicy, Secret } from "@pulumi/policy";

const setupType = "pulumi-nodejs:dynamic/channels:SesSetup";
const recordsType = "pulumi-nodejs:dynamic/channels:Route53Records";
const providerType = "pulumi:providers:pulumi-nodejs";

const noTakeover: ResourceValidationPolicy = {
	name: "keep-mail-and-dmarc",
	description: "No run replaces an MX, DMARC or SPF record of somebody else.",
	enforcementLevel: "mandatory",
	validateResource: ({ type, props }, report) => {
		if (type !== recordsType) return;
		for (const kind of ["mx", "dmarc", "mailFrom", "spf"]) {
			if (props.onConflict?.[kind] === "overwrite")
				report(
					`onConflict.${kind} is "overwrite". Use "keep", or change the record in a pull request of its own.`,
				);
		}
	},
};

const knownRecords: ResourceValidationPolicy = {
	name: "known-records",
	description: "No run publishes a record that is none of a mail setup's.",
	enforcementLevel: "mandatory",
	validateResource: ({ type, props }, report) => {
		if (type === recordsType && props.records?.includes("other"))
			report(
				'route53.records lists "other". Leave it out, or publish that record in a pull request of its own.',
			);
	},
};

const protectProduction: ResourceValidationPolicy = {
	name: "protect-production",
	description: "A domain in production is not deleted by accident.",
	enforcementLevel: "mandatory",
	configSchema: {
		properties: {
			stacks: { type: "array", items: { type: "string" }, default: ["production"] },
		},
	},
	validateResource: ({ type, urn, opts, getConfig }, report) => {
		if (type !== setupType || opts.protect) return;
		const { stacks = ["production"] } = getConfig<{ stacks?: string[] }>();
		const [, , stack = ""] = urn.split(":");
		if (stacks.includes(stack))
			report(`Give it the option "protect: true": ${stack} is a stack in production.`);
	},
};

/** URNs of providers whose key stands in clear. A validation sees every secret as its plain value; a remediation not. */
const inClear = new Set<string>();

const secretKey: ResourceValidationPolicy = {
	name: "secret-api-key",
	description: "The API key is a secret wherever the state holds it.",
	enforcementLevel: "remediate",
	remediateResource: ({ type, urn, props }) => {
		if (type !== providerType) return;
		const key = Object.getOwnPropertyDescriptor(props, "channels:apiKey")?.value;
		if (key !== undefined && !(key instanceof Secret)) inClear.add(urn);
	},
	validateResource: ({ urn }, report) => {
		if (inClear.has(urn)) report("channels:apiKey stands in clear. Use ChannelsProvider, or pulumi.secret.");
	},
};

new PolicyPack("mail-domains", { policies: [noTakeover, knownRecords, protectProduction, secretKey] });
