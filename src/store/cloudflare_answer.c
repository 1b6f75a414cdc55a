#include "cloudflare_answer.h"
bool answer_refusal(struct bytes body, struct answer *a, struct error *err){(void)body;*a=(struct answer){0};(void)err;return true;}
bool answer_plain(struct bytes body, struct answer *a, struct error *err){return answer_refusal(body,a,err);}
bool answer_namespace(struct bytes body, struct arena *arena, struct answer *a, struct store_namespace *ns, struct error *err){(void)arena;(void)ns;return answer_refusal(body,a,err);}
bool answer_namespaces(struct bytes body, struct arena *arena, struct answer *a, struct answer_namespaces *page, struct error *err){(void)arena;(void)page;return answer_refusal(body,a,err);}
bool answer_keys(struct bytes body, struct arena *arena, struct answer *a, struct answer_keys *page, struct error *err){(void)arena;(void)page;return answer_refusal(body,a,err);}
bool answer_values(struct bytes body, struct answer *a, store_pair_fn on_pair, void *ctx, struct error *err){(void)on_pair;(void)ctx;return answer_refusal(body,a,err);}
bool answer_bulk(struct bytes body, struct arena *arena, struct answer *a, struct answer_bulk *result, struct error *err){(void)arena;(void)result;return answer_refusal(body,a,err);}
bool answer_metadata(struct bytes body, struct arena *arena, struct answer *a, struct bytes *metadata, struct error *err){(void)arena;(void)metadata;return answer_refusal(body,a,err);}
bool answer_accounts(struct bytes body, struct arena *arena, struct answer *a, struct answer_accounts *page, struct error *err){(void)arena;(void)page;return answer_refusal(body,a,err);}
