import * as pulumi from "@pulumi/pulumi";
import { SesSetup } from "pulumi-channels";

const config = new pulumi.Config();

const mail = new SesSetup(
	"mail",
	{
		tenantName: config.require("tenant"),
		domainIdentity: config.require("domain"),
		route53: true,
		waitForVerification: { timeout: "1h" },
		// A run that is killed while it registers leaves a setup that no state knows. This pipeline alone manages the
		// setups of its workspace, so its next run may take that one over.
		adoptExisting: true,
	},
	{ protect: pulumi.getStack() === "production" },
);

export const sender = mail.verifiedDomain;
