import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SesSetup, Verification } from "pulumi-channels";
import { AwsRecords } from "pulumi-channels/aws";

const config = new pulumi.Config();

const mail = new SesSetup("mail", {
	tenantName: config.require("tenant"),
	domainIdentity: config.require("domain"),
});

const zone = aws.route53.getZoneOutput({ name: config.require("zone") });

const records = new AwsRecords("mail", { dnsRecords: mail.dnsRecords, zoneId: zone.zoneId });

const verification = new Verification(
	"mail",
	{ setupId: mail.id, dnsRecords: mail.dnsRecords },
	{ dependsOn: records },
);

export const sender = verification.verifiedDomain;
