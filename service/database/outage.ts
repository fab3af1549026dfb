/** Whether an error means that the database could not be reached or was shutting down, so that repeating may help. */
export function isDatabaseOutage(error: unknown): boolean {
	if (!(error instanceof Error)) return false;
	const code = "code" in error && typeof error.code === "string" ? error.code : "";
	return (
		// Class 08 is a connection exception, 57P01–57P03 a server that stops or starts, 53300 too many connections.
		/^(08...|57P0[123]|53300)$/.test(code) ||
		["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT"].includes(code) ||
		/Connection terminated|connection error|timeout exceeded when trying to connect|Query read timeout|database is locked/i.test(
			error.message,
		)
	);
}
