/*
 * kernel.c - the kernel's side of the eCryptfs message contexts, as an adapter for msgctx.
 *
 * A process that needs a key asks its user's daemon and sleeps. Each request acquires a message
 * context, which numbers it, and is sent to the daemon registered for the user. A reply must name
 * index and number, since contexts are used again, and must come from the daemon that is registered
 * when it arrives; any other is refused and changes nothing. Answered or out of time, the process
 * looks at its context, and that releases it. The runner speaks JSON Lines on stdin and stdout, and
 * time passes when it says so. One counter, and last released first acquired: habits, not rules.
 *
 *     cc -std=c11 -O2 -Wall -Wextra -pedantic -o kernel kernel.c && npx msgctx run -- ./kernel
 *
 * --fault NAME breaks one rule: skips-pid-check (anybody may reply), skips-sequence-check (any
 * number will do), leaks-on-timeout (a request that times out keeps its context), keeps-old-daemon
 * (a daemon that lives is not replaced), overwrites-reply (the last reply counts, not the first).
 */
#include <limits.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES_MAX = 1 << 20, PAYLOAD_MAX = 4096, CONTEXTS_MAX = 64, DAEMONS_MAX = 4096 };
#define SPACE " \t\r\n"
#define NUMBER_MAX ((1ULL << 53) - 1)
_Static_assert(UINT_MAX == 0xFFFFFFFF, "labels and sequence numbers are 32 bits wide");

static enum { SKIPS_PID_CHECK, SKIPS_SEQUENCE_CHECK, LEAKS_ON_TIMEOUT, KEEPS_OLD_DAEMON,
              OVERWRITES_REPLY, NO_FAULT } fault;
static const char *const fault_names[] = { "skips-pid-check", "skips-sequence-check",
    "leaks-on-timeout", "keeps-old-daemon", "overwrites-reply" };

static const char *const state_names[] = { "free", "pending", "done" };
struct context {
    enum { FREE, PENDING, DONE } state;
    unsigned seq, uid, task;
    unsigned long long asked_ms;
    char reply[2 * PAYLOAD_MAX + 1]; /* In hex. */
};

/* A registration outlives its process, and goes stale. */
struct daemon { unsigned uid, pid; bool alive; };

static struct {
    struct context contexts[CONTEXTS_MAX];
    struct context *order[CONTEXTS_MAX]; /* The allocated, oldest first; the free, latest first. */
    struct daemon daemons[DAEMONS_MAX];  /* At most one for each user. */
    unsigned contexts_count, allocated_count, daemons_count, counter;
    unsigned long long now_ms, timeout_ms;
    bool manual_wake;
} kernel;

/* The command at hand. It reads all its parameters before it changes anything; fail_if ends it. */
static unsigned long long id;
static const char *params;
static jmp_buf next_line;

static void fail_if(bool condition, const char *code, const char *why) {
    if (!condition)
        return;
    const char *key = strcmp(code, "ERRNO") == 0 ? "errno\":\"" : "message\":\"not understood: ";
    printf("{\"id\":%llu,\"error\":{\"code\":\"%s\",\"%s%s\"}}\n", id, code, key, why);
    longjmp(next_line, 1);
}

static bool is_string(const char *at, const char *text) {
    size_t length = strlen(text);
    return *at == '"' && strncmp(at + 1, text, length) == 0 && at[length + 1] == '"';
}

/* The value of a member of this object, empty if there is none; or, unnamed, what follows it. */
static const char *find(const char *at, const char *name) {
    int depth = 0;
    do {
        const char *token = at;
        if (*at == '"')
            for (at++; *at != '"' && *at != '\0'; at++)
                at += *at == '\\' && at[1] != '\0';
        fail_if(*at == '\0', "INVALID", "line");
        depth += (*at == '{' || *at == '[') - (*at == '}' || *at == ']');
        at += 1 + strspn(at + 1, SPACE);
        if (name != NULL && depth == 1 && *at == ':' && is_string(token, name))
            return at + 1 + strspn(at + 1, SPACE);
    } while (depth > 0);
    return name == NULL ? at : "";
}

static unsigned long long number(const char *name, unsigned long long max) {
    const char *value = find(params, name);
    size_t digits = strspn(value, "0123456789");
    unsigned long long result = strtoull(value, NULL, 10);
    fail_if(!digits || !strspn(value + digits, ",}" SPACE) || result > max, "INVALID", name);
    return result;
}

/* The hex digits, up to the quote that ends them. */
static const char *payload(void) {
    const char *hex = find(params, "payload");
    size_t digits = *hex == '"' ? strspn(hex + 1, "0123456789abcdef") : 1;
    fail_if(digits % 2 || digits > 2 * PAYLOAD_MAX || hex[digits + 1] != '"', "INVALID", "payload");
    return hex + 1;
}

static struct context *acquire(unsigned uid, unsigned task) {
    struct context *context = kernel.order[kernel.allocated_count++];
    *context = (struct context){ PENDING, ++kernel.counter, uid, task, kernel.now_ms, "" };
    return context;
}

static void release(unsigned place) {
    struct context *context = kernel.order[place];
    context->state = FREE;
    for (kernel.allocated_count--; place < kernel.allocated_count; place++)
        kernel.order[place] = kernel.order[place + 1];
    kernel.order[place] = context;
}

/* A process looks for its reply, which counts however late it looks. True if that releases. */
static bool look(unsigned place) {
    struct context *context = kernel.order[place];
    bool done = context->state == DONE;
    bool expired = kernel.now_ms - context->asked_ms >= kernel.timeout_ms;
    if (context->state == FREE || (!done && !expired))
        return false;
    printf("{\"event\":\"complete\",\"params\":{\"task\":%u,", context->task);
    printf("\"%s\":\"%s\"}}\n", done ? "payload" : "errno", done ? context->reply : "ENOMSG");
    context->state = FREE;
    if (!done && fault == LEAKS_ON_TIMEOUT)
        return false;
    release(place);
    return true;
}

static struct daemon *registered(unsigned uid) {
    for (unsigned i = 0; i < kernel.daemons_count; i++)
        if (kernel.daemons[i].uid == uid)
            return &kernel.daemons[i];
    return NULL;
}

static void reset(void) {
    unsigned long long contexts = number("contexts", CONTEXTS_MAX);
    unsigned long long timeout_ms = number("timeoutMs", NUMBER_MAX);
    memset(&kernel, 0, sizeof kernel);
    kernel.timeout_ms = timeout_ms;
    kernel.manual_wake = *find(params, "manualWake") == 't';
    for (; kernel.contexts_count < contexts; kernel.contexts_count++)
        kernel.order[kernel.contexts_count] = &kernel.contexts[kernel.contexts_count];
}

/* The newcomer is registered. A daemon before it that lives is told to quit, even the same one. */
static void helo(void) {
    unsigned uid = number("uid", UINT_MAX), pid = number("pid", UINT_MAX);
    struct daemon *daemon = registered(uid);
    fail_if(daemon == NULL && kernel.daemons_count == DAEMONS_MAX, "ERRNO", "ENOMEM");
    if (daemon == NULL)
        daemon = &kernel.daemons[kernel.daemons_count++];
    else if (daemon->alive && daemon->pid != pid && fault == KEEPS_OLD_DAEMON)
        return;
    else if (daemon->alive)
        printf("{\"event\":\"message\",\"params\":{\"to\":%u,\"type\":\"quit\"}}\n", daemon->pid);
    *daemon = (struct daemon){ uid, pid, true };
}

static void quit(void) {
    unsigned uid = number("uid", UINT_MAX), pid = number("pid", UINT_MAX);
    struct daemon *daemon = registered(uid);
    fail_if(daemon == NULL || daemon->pid != pid, "ERRNO", "EINVAL");
    *daemon = kernel.daemons[--kernel.daemons_count];
}

static void process_exit(void) {
    unsigned pid = number("pid", UINT_MAX);
    for (unsigned i = 0; i < kernel.daemons_count; i++)
        if (kernel.daemons[i].pid == pid)
            kernel.daemons[i].alive = false;
}

static void request(void) {
    const char *hex = payload();
    unsigned uid = number("uid", UINT_MAX), task = number("task", UINT_MAX);
    const struct daemon *daemon = registered(uid);
    fail_if(daemon == NULL, "ERRNO", "ENOTCONN");
    fail_if(kernel.allocated_count == kernel.contexts_count, "ERRNO", "ENOMEM");
    const struct context *context = acquire(uid, task);
    if (!daemon->alive)
        release(kernel.allocated_count - 1);
    fail_if(!daemon->alive, "ERRNO", "ECONNREFUSED");
    printf("{\"event\":\"message\",\"params\":{\"to\":%u,\"type\":\"request\",", daemon->pid);
    printf("\"index\":%td,\"seq\":%u,", context - kernel.contexts, context->seq);
    printf("\"payload\":\"%.*s\"}}\n", (int)strcspn(hex, "\""), hex);
}

/* It must point at a context in use, be from its user's daemon, be awaited and have its number. */
static void reply(void) {
    const char *hex = payload();
    unsigned uid = number("uid", UINT_MAX), pid = number("pid", UINT_MAX);
    unsigned index = number("index", UINT_MAX), seq = number("seq", UINT_MAX);
    struct context *context = index < kernel.contexts_count ? &kernel.contexts[index] : NULL;
    fail_if(context == NULL || context->state == FREE, "ERRNO", "EINVAL");
    const struct daemon *daemon = registered(context->uid);
    bool is_daemon = daemon != NULL && uid == context->uid && pid == daemon->pid;
    fail_if(!is_daemon && fault != SKIPS_PID_CHECK, "ERRNO", "EBADMSG");
    fail_if(context->state != PENDING && fault != OVERWRITES_REPLY, "ERRNO", "EINVAL");
    fail_if(context->seq != seq && fault != SKIPS_SEQUENCE_CHECK, "ERRNO", "EINVAL");
    snprintf(context->reply, sizeof context->reply, "%.*s", (int)strcspn(hex, "\""), hex);
    context->state = DONE;
}

static void wake(void) {
    unsigned task = number("task", UINT_MAX);
    for (unsigned place = 0; place < kernel.allocated_count; place++)
        if (kernel.order[place]->task == task)
            look(place);
}

static void advance(void) {
    kernel.now_ms += number("ms", NUMBER_MAX);
}

static void print_identity(void) {
    printf("\"protocol\":1,\"name\":\"msgctx-example-c\",\"version\":\"1.0.0\",\"language\":\"c\","
           "\"role\":\"kernel\",\"profile\":\"seed\",\"contextsMin\":1,\"contextsMax\":%d,"
           "\"payloadMax\":%d,\"timeoutMinMs\":1,\"timeoutStepMs\":1,\"capabilities\":["
           "\"virtualTime\",\"results\",\"payload\",\"exit\",\"inspect\",\"manualWake\","
           "\"wideLabels\",\"pidReuse\"]", CONTEXTS_MAX, PAYLOAD_MAX);
}

static void print_contexts(void) {
    printf("\"allocated\":[");
    for (unsigned i = 0; i < kernel.allocated_count; i++)
        printf(i > 0 ? ",%td" : "%td", kernel.order[i] - kernel.contexts);
    printf("],\"free\":[");
    for (unsigned i = kernel.allocated_count; i < kernel.contexts_count; i++)
        printf(i > kernel.allocated_count ? ",%td" : "%td", kernel.order[i] - kernel.contexts);
    printf("],\"contexts\":[");
    for (unsigned i = 0; i < kernel.contexts_count; i++)
        printf("%s{\"index\":%u,\"state\":\"%s\",\"seq\":%u}", i > 0 ? "," : "", i,
               state_names[kernel.contexts[i].state], kernel.contexts[i].seq);
    printf("],\"daemons\":[");
    for (unsigned i = 0; i < kernel.daemons_count; i++)
        printf("%s{\"uid\":%u,\"pid\":%u}", i > 0 ? "," : "", kernel.daemons[i].uid,
               kernel.daemons[i].pid);
    printf("]");
}

static const struct method {
    const char *name;
    void (*run)(void), (*print_result)(void);
} methods[] = {
    { "initialize", NULL, print_identity }, { "reset", reset, NULL }, { "settle", NULL, NULL },
    { "shutdown", NULL, NULL }, { "helo", helo, NULL }, { "quit", quit, NULL },
    { "exit", process_exit, NULL }, { "request", request, NULL }, { "reply", reply, NULL },
    { "wake", wake, NULL }, { "advance", advance, NULL }, { "inspect", NULL, print_contexts }, { 0 }
};

static void serve(const char *line) {
    const struct method *method = methods;
    id = 0;
    fail_if(*line != '{' || *find(line, NULL) != '\0', "INVALID", "line");
    params = line;
    id = number("id", NUMBER_MAX);
    params = find(line, "params");
    const char *name = find(line, "method");
    while (method->name != NULL && !is_string(name, method->name))
        method++;
    fail_if(method->name == NULL, "UNSUPPORTED", "method");
    if (method->run != NULL)
        method->run();
    /* Every process looks, the longest asleep first, except where only a wake lets it. */
    for (unsigned place = 0; !kernel.manual_wake && place < kernel.allocated_count;)
        place += !look(place);
    printf("{\"id\":%llu,\"result\":{", id);
    if (method->print_result != NULL)
        method->print_result();
    printf("}}\n");
    if (is_string(name, "shutdown"))
        exit(EXIT_SUCCESS);
}

int main(int argc, char **argv) {
    static char line[LINE_BYTES_MAX + 2];
    while (fault < NO_FAULT && (argc != 3 || strcmp(argv[2], fault_names[fault]) != 0))
        fault++;
    if (argc != 1 && (fault == NO_FAULT || strcmp(argv[1], "--fault") != 0)) {
        fputs("kernel: the only option is --fault with skips-pid-check, skips-sequence-check, "
              "leaks-on-timeout, keeps-old-daemon or overwrites-reply.\n", stderr);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    while (fgets(line, sizeof line, stdin) != NULL && (strchr(line, '\n') != NULL || feof(stdin)))
        if (setjmp(next_line) == 0)
            serve(line + strspn(line, SPACE));
    if (feof(stdin))
        return EXIT_SUCCESS;
    fprintf(stderr, "kernel: a line holds a NUL or more than %d bytes.\n", LINE_BYTES_MAX);
    return EXIT_FAILURE;
}
