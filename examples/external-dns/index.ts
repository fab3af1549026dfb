import * as pulumi from "@pulumi/pulumi";
import { SesSetup, Verification } from "pulumi-channels";
import { HostedRecord } from "./hosted-record";

const config = new pulumi.Config();

const mail = new SesSetup("mail", {
	tenantName: config.require("tenant"),
	domainIdentity: config.require("domain"),
});

// One resource for each of the five records, made before their values are known: never inside `apply`.
const records = [0, 1, 2, 3, 4].map((index) => {
	const { address, type, record } = mail.dnsRecords[index];
	return new HostedRecord(`mail-${index + 1}`, {
		api: config.require("dnsApi"),
		address,
		type,
		value: record,
	});
});

const verification = new Verification(
	"mail",
	{ setupId: mail.id, dnsRecords: mail.dnsRecords },
	{ dependsOn: records },
);

export const published = mail.dnsRecords;
export const sender = verification.verifiedDomain;
