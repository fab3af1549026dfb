/** What is measured, and what it is measured against: each text a Pulumi program. */

/** As many resources as so many setups are, which do nothing: what the engine costs. */
export const emptyResources = (count: number) => `
import * as pulumi from "@pulumi/pulumi";
const provider = "exports.handler=()=>({ check: (olds, inputs) => ({ inputs }), create: async (outs) => ({ id: 'x', outs }) })";
class Empty extends pulumi.CustomResource {
	constructor(name, opts) { super("pulumi-nodejs:dynamic/channels:Empty", name, { __provider: provider }, opts); }
}
for (let index = 0; index < ${count}; index++) {
	const parent = new Empty("mail-" + index);
	const records = new Empty("mail-" + index + "-records", { parent });
	new Empty("mail-" + index + "-verification", { parent, dependsOn: [records] });
}
`;

/** Domains of one zone, registered, published in one batch where possible, and waited for. */
export const setups = (count: number) => `
import { SesSetup } from "pulumi-channels";
for (let index = 0; index < ${count}; index++)
	new SesSetup("mail-" + index, {
		tenantName: "tenant-" + index,
		domainIdentity: "d" + index + ".bench.test",
		route53: true,
		waitForVerification: true,
	});
`;

/** The same with the AWS provider, which publishes each record by itself. */
export const awsRecords = (count: number, zoneId: string) => `
import { SesSetup, Verification } from "pulumi-channels";
import { AwsRecords } from "pulumi-channels/aws";
for (let index = 0; index < ${count}; index++) {
	const setup = new SesSetup("mail-" + index, {
		tenantName: "tenant-" + index,
		domainIdentity: "d" + index + ".bench.test",
	});
	const { dnsRecords } = setup;
	const records = new AwsRecords("mail-" + index, { dnsRecords, zoneId: "${zoneId}" });
	new Verification("mail-" + index, { setupId: setup.id, dnsRecords }, { dependsOn: records });
}
`;
