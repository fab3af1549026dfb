import { startSandbox } from "./sandbox.js";

// The arguments name hosted zones to begin with, e.g. `npm run sandbox -- acme.com`.
const sandbox = await startSandbox();
for (const name of process.argv.slice(2)) sandbox.route53.createZone(name);

console.log(`Sandbox on this machine, gone when it stops (^C):

  Route 53       ${sandbox.route53.url}
  SESv2          ${sandbox.ses.url}
  STS            ${sandbox.sts.url}
  DNS            ${sandbox.dns.authoritative} (authoritative), ${sandbox.dns.resolver} (resolver)

In another terminal:
`);
for (const [name, value] of Object.entries(sandbox.env())) console.log(`export ${name}=${value}`);

let stopping = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
	process.on(signal, () => {
		if (stopping) process.exit(1);
		stopping = true;
		sandbox.close().catch((error: unknown) => {
			console.error(error);
			process.exitCode = 1;
		});
	});
}
