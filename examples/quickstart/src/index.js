// Answers with the flags that cfkv seeded.
export default {
  async fetch(request, env) {
    const flags = await env.CONFIG.get("feature_flags", "json");
    return Response.json(flags ?? {});
  },
};
