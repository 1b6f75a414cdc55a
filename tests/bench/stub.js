// An account without namespaces, for measuring wrangler's own cost. Prints its port and serves
// until its stdin ends.
const http = require("node:http");

const body = JSON.stringify({
  success: true,
  errors: [],
  messages: [],
  result: [],
  result_info: { count: 0, page: 1, per_page: 1000, total_count: 0 },
});

const server = http.createServer((request, response) => {
  response.setHeader("content-type", "application/json");
  response.end(body);
});

server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit(0));
