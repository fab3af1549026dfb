import * as pulumi from "@pulumi/pulumi";
import { SesSetup } from "pulumi-channels";

const config = new pulumi.Config();

const mail = new SesSetup("mail", {
	tenantName: config.require("tenant"),
	domainIdentity: config.require("domain"),
	route53: true,
	waitForVerification: true,
});

export const records = mail.verification?.dnsRecords;
export const sender = mail.verifiedDomain;
