// Adds a sending domain from a program of your own, with Pulumi's Automation API: a stack for each domain.
//
//   node index.mts acme-support mail.acme.com
//   node index.mts acme-support mail.acme.com --destroy
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { SesSetup } from "pulumi-channels";

const [tenantName, domainIdentity, destroy] = process.argv.slice(2);
if (!tenantName || !domainIdentity) throw new Error("usage: node index.mts TENANT DOMAIN [--destroy]");

const program = async () => {
	const mail = new SesSetup("mail", { tenantName, domainIdentity, route53: true, waitForVerification: true });
	return { sender: mail.verifiedDomain };
};

const stack = await LocalWorkspace.createOrSelectStack(
	{ stackName: domainIdentity, projectName: "mail-domains", program },
	// Pulumi starts dynamic providers in the folder of `main`, and finds them by the node_modules there, with
	// `pulumi-channels` and `@pulumi/pulumi`. Left out, it is the folder that this program is called from.
	{ projectSettings: { name: "mail-domains", runtime: "nodejs", main: import.meta.dirname } },
);

if (destroy === "--destroy") {
	await stack.destroy({ onOutput: (text) => process.stdout.write(text) });
} else {
	const { outputs } = await stack.up({ onOutput: (text) => process.stdout.write(text) });
	console.log(`${outputs.sender?.value} may send.`);
}
