/*
 * adapter.c - the beginning of an adapter for msgctx, without any library.
 *
 *     cc -std=c11 -Wall -Wextra -O2 -o adapter adapter.c
 *     npx msgctx adapter check -- ./adapter
 *     npx msgctx run -- ./adapter
 *
 * It speaks the protocol; the kernel's side in it is a toy that knows the happy path. Replace it by
 * calls into your implementation, or write the rules where RULE stands: a run says which are missing.
 * The runner writes members in a fixed order, without spaces, and no string that matters has escapes,
 * so that looking for "name": is all the parsing there is. PROTOCOL.md in the package says the rest.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES_MAX = 1 << 20, CONTEXTS_MAX = 64, DAEMONS_MAX = 4096 };

static struct context { bool pending; unsigned seq, uid, task; unsigned long long due_ms; }
    contexts[CONTEXTS_MAX];
static struct daemon { unsigned uid, pid; } daemons[DAEMONS_MAX];
static unsigned contexts_count, daemons_count, counter;
static unsigned long long now_ms, timeout_ms;
static char line[LINE_BYTES_MAX + 2]; /* The call at hand. */

/* What follows "name": in the line, or an empty string. */
static const char *value(const char *name) {
    char key[32];
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *found = strstr(line, key);
    return found == NULL ? "\"\"" : found + strlen(key);
}

static unsigned long long number(const char *name) {
    return strtoull(value(name), NULL, 10);
}

/* The text of a string; its length comes first, as %.*s wants it. */
#define TEXT(name) (int)strcspn(value(name) + 1, "\""), value(name) + 1

/* The registration of a user, or daemons_count. */
static unsigned daemon_of(unsigned uid) {
    unsigned nth = 0;
    while (nth < daemons_count && daemons[nth].uid != uid)
        nth++;
    return nth;
}

/* Each call returns the errno with which it is refused, or NULL; its events it writes before. */

static const char *reset(void) {
    memset(contexts, 0, sizeof contexts);
    now_ms = daemons_count = 0;
    contexts_count = number("contexts");
    timeout_ms = number("timeoutMs");
    return NULL;
}

static const char *helo(void) {
    unsigned nth = daemon_of(number("uid"));
    /* RULE: a living daemon that is replaced is sent {"to":PID,"type":"quit"}. */
    if (nth == daemons_count && ++daemons_count == DAEMONS_MAX)
        exit(1);
    daemons[nth] = (struct daemon){ number("uid"), number("pid") };
    return NULL;
}

static const char *quit(void) {
    unsigned nth = daemon_of(number("uid"));
    /* RULE: only the registered process may unregister. */
    if (nth == daemons_count)
        return "EINVAL";
    daemons[nth] = daemons[--daemons_count];
    return NULL;
}

static const char *request(void) {
    unsigned uid = number("uid"), nth = daemon_of(uid), index = 0;
    while (index < contexts_count && contexts[index].pending)
        index++;
    if (nth == daemons_count || index == contexts_count)
        return nth == daemons_count ? "ENOTCONN" : "ENOMEM";
    contexts[index] =
        (struct context){ true, ++counter, uid, number("task"), now_ms + timeout_ms };
    printf("{\"event\":\"message\",\"params\":{\"to\":%u,\"type\":\"request\",\"index\":%u,"
           "\"seq\":%u,\"payload\":\"%.*s\"}}\n",
           daemons[nth].pid, index, counter, TEXT("payload"));
    return NULL;
}

static const char *reply(void) {
    unsigned long long index = number("index");
    /* RULE: the sender is the registered daemon of the asker's user; seq is the request's. */
    if (index >= contexts_count || !contexts[index].pending)
        return "EINVAL";
    contexts[index].pending = false;
    printf("{\"event\":\"complete\",\"params\":{\"task\":%u,\"payload\":\"%.*s\"}}\n",
           contexts[index].task, TEXT("payload"));
    return NULL;
}

/* Those whose time is over return, the longest waiting first. */
static const char *advance(void) {
    now_ms += number("ms");
    for (struct context *first;; first->pending = false) {
        first = NULL;
        for (struct context *one = contexts; one < contexts + contexts_count; one++)
            if (one->pending && one->due_ms <= now_ms && (!first || one->due_ms < first->due_ms))
                first = one;
        if (first == NULL)
            return NULL;
        printf("{\"event\":\"complete\",\"params\":{\"task\":%u,\"errno\":\"ENOMSG\"}}\n",
               first->task);
    }
}

static const char *nothing(void) {
    return NULL;
}

int main(void) {
    static const struct { const char *method, *(*run)(void), *result; } methods[] = {
        { "initialize", nothing,
          "\"protocol\":1,\"name\":\"mine\",\"version\":\"0.1.0\",\"language\":\"c\","
          "\"role\":\"kernel\",\"profile\":\"seed\",\"contextsMin\":1,\"contextsMax\":64,"
          "\"payloadMax\":4096,\"timeoutMinMs\":1,\"timeoutStepMs\":1,"
          "\"capabilities\":[\"virtualTime\",\"results\",\"payload\",\"wideLabels\"]" },
        { "reset", reset, "" }, { "helo", helo, "" }, { "quit", quit, "" },
        { "request", request, "" }, { "reply", reply, "" }, { "advance", advance, "" },
        { "settle", nothing, "" }, { "shutdown", nothing, "" } };
    while (fgets(line, sizeof line, stdin) != NULL) { /* After shutdown the runner closes it. */
        const char *method = value("method") + 1, *refused;
        size_t nth = 0, length = strcspn(method, "\""), all = sizeof methods / sizeof *methods;
        while (nth < all && (strncmp(methods[nth].method, method, length) != 0
                             || methods[nth].method[length] != '\0'))
            nth++;
        refused = nth < all ? methods[nth].run() : NULL;
        printf("{\"id\":%llu,", number("id"));
        if (nth == all)
            printf("\"error\":{\"code\":\"UNSUPPORTED\"}}\n");
        else if (refused != NULL)
            printf("\"error\":{\"code\":\"ERRNO\",\"errno\":\"%s\"}}\n", refused);
        else
            printf("\"result\":{%s}}\n", methods[nth].result);
        fflush(stdout); /* After every line, or the runner waits for ever. */
    }
    return 0;
}
