// Answers with a feature flag.
export default {
  async fetch(request, env) {
    const flags = await env.CONFIG.get("flags", "json");
    return Response.json({ dark_mode: flags?.dark_mode ?? false });
  },
};
