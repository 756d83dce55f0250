/*
 * Messaging between the eCryptfs kernel module and its user-space daemon,
 * written by hand from prose: the 2006 mail that explains eCryptfs' messaging
 * and the repository's requirement catalogue.
 *
 * Modelled: a pool of two message contexts, the process (task) that sleeps on
 * each of them, and the daemon registration of one user, who owns two processes
 * that may act as daemon.  A process id is only a name: whether the process is
 * alive is not stored.  All contexts in use belong to the one user; a sequence
 * number matters only as "the current one" or "an older one" in a reply.
 *
 * One process, one loop; every option is one d_step with its guard in front, so
 * the loop head is the only control state.  SPIN stores one state for each
 * valuation of (ctx, task, reg) and counts one transition for each possible step
 * (and one more for entering the initial state).  A refused call is a step too;
 * it changes nothing.
 *
 * Count: spin -a by-hand.pml; pan.c compiled with -DSAFETY -DNOREDUCE; ./pan -c0
 *
 * By pencil, with N = 2 contexts and P = 2 processes:
 *   states       A context is free with its task running, or {pending, done} x
 *                {time left, time over}: 5 values.  The registration is nobody,
 *                one of P, or stale: P+2 values.  All combinations are reachable:
 *                  5^N * (P+2)                             = 25 * 4   =  100
 *   transitions  in every state HELO, QUIT, exit by each p, and 2N+1 replies by
 *                each p:  5^N (P+2) * P(3 + 2N+1)          = 100 * 16 = 1600
 *                both kinds of request: 1 step if nobody is registered, else one
 *                for each free context, or 1 if there is none:
 *                  2 * (5^N + (P+1)(N 5^(N-1) + 4^N))      = 2 * 103  =  206
 *                sleepers: pending 4 steps (time left), 3 (time over), done 3, 2:
 *                  N * 12 * 5^(N-1) * (P+2)                = 2*12*5*4 =  480
 *                together 2286, and 1 for the initial state           = 2287
 *
 * Defects (spin -DNAME -a; they show that the properties can fail):
 *   LEAK         a failed send leaves the context pending, its task running
 *   NO_SEQUENCE  the number of a reply is not checked
 *   NO_PENDING   a reply to a context that is already done is stored again
 *   NO_DAEMON    a reply is taken from any process of the user
 *   QUIT_ANY     QUIT by any process of the user ends a live registration
 *
 * Properties (spin -DNAME -a, one at a time; no -DSAFETY; ./pan -a):
 *   POOL_IS_WHOLE ANSWERS_MATCH ACCEPTED_ONCE ONLY_DAEMON ONLY_ITSELF_QUITS
 *   RESUMES; described below.  Without one of them there is no auxiliary variable.
 */

mtype = { FREE, PENDING, DONE };                /* a context                    */
mtype = { RUNNING, TIME_LEFT, TIME_OVER };      /* its task; the last two sleep */
mtype = { NOBODY, D0, D1, STALE };              /* the registration             */

mtype ctx[2]  = FREE;
mtype task[2] = RUNNING;
mtype reg     = NOBODY;         /* STALE: the registered process died, forgotten */

#define CURRENT   true          /* the sequence number a reply carries */
#define OLDER     false

#define live      (reg == D0 || reg == D1)
#define no_free   (ctx[0] != FREE && ctx[1] != FREE)
#define sleeps(c) (task[c] != RUNNING)

/* ---- the conditions that defects weaken ------------------------------------- */

#ifdef NO_DAEMON
#define from_daemon(p)  true
#else
#define from_daemon(p)  (reg == p)
#endif
#ifdef NO_PENDING
#define awaited(c)      true
#else
#define awaited(c)      (ctx[c] == PENDING)
#endif
#ifdef NO_SEQUENCE
#define matches(number) true
#else
#define matches(number) (number)
#endif
#ifdef QUIT_ANY
#define may_quit(p)     live
#else
#define may_quit(p)     (reg == p)
#endif
#ifdef LEAK
#define send_fails(c)   ctx[c] = PENDING
#else
#define send_fails(c)   skip            /* taken and given back */
#endif

/* ---- what a property has to be told: in the plain model nothing -------------- */

#define accepted(p, c, number)  skip    /* before an accepted reply is stored   */
#define ended(p)                skip    /* before QUIT by p ends a registration */
#define act(a)                  skip    /* the action taken                     */

#if defined(ANSWERS_MATCH) || defined(ACCEPTED_ONCE) || defined(ONLY_DAEMON)
bool bad;
#undef accepted
#endif
#ifdef ANSWERS_MATCH            /* no reply with an older number is accepted */
#define accepted(p, c, number)  bad = (bad || !(number))
#endif
#ifdef ACCEPTED_ONCE            /* none is accepted for a context not pending */
#define accepted(p, c, number)  bad = (bad || ctx[c] != PENDING)
#endif
#ifdef ONLY_DAEMON              /* none from another than the registered process */
#define accepted(p, c, number)  bad = (bad || reg != p)
#endif
#ifdef ONLY_ITSELF_QUITS        /* no QUIT ends the registration of another */
bool bad;
#undef ended
#define ended(p)                bad = (bad || reg != p)
#endif
#ifdef RESUMES
mtype = { TIME_0, LOOK_0, OTHER };
mtype last = OTHER;
#undef act
#define act(a)                  last = a
#endif

/* ---- registration ------------------------------------------------------------ */

inline helo(p)                  /* always succeeds: new, same, replaced, stale */
{       d_step { true -> act(OTHER); reg = p } }

inline quit(p)                  /* refused unless p itself is registered */
{       d_step { true -> act(OTHER);
                if :: may_quit(p) -> ended(p); reg = NOBODY :: else fi } }

inline dies(p)                  /* silent exit */
{       d_step { true -> act(OTHER);
                if :: reg == p -> reg = STALE :: else fi } }

/* ---- requests: any free context may be the one --------------------------------- */

inline refused()                /* nobody is registered, else no context is free */
{       d_step { (reg == NOBODY || no_free) -> act(OTHER) } }

inline request(c)
{       d_step { (reg != NOBODY && ctx[c] == FREE) -> act(OTHER);
                if
                :: live -> ctx[c] = PENDING; task[c] = TIME_LEFT
                :: else -> send_fails(c)                        /* stale */
                fi } }

inline failing(c)               /* the send fails, whether a daemon lives or not */
{       d_step { (reg != NOBODY && ctx[c] == FREE) -> act(OTHER); send_fails(c) } }

/* ---- replies: in use, some daemon, sent by it, pending, number is current ------ */

inline reply(p, c, number)
{       d_step { true -> act(OTHER);
                if
                :: (ctx[c] != FREE && reg != NOBODY && from_daemon(p)
                        && awaited(c) && matches(number)) ->
                        accepted(p, c, number); ctx[c] = DONE
                :: else
                fi } }

inline outside(p)               /* the index is out of range: refused */
{       d_step { true -> act(OTHER) } }

/* ---- the sleeper of context c -------------------------------------------------- */

inline time_passes(c)
{       d_step { task[c] == TIME_LEFT -> act((c == 0 -> TIME_0 : OTHER));
                task[c] = TIME_OVER } }

inline looks(c)                 /* answered or timed out: runs; else sleeps on */
{       d_step { sleeps(c) -> act((c == 0 -> LOOK_0 : OTHER));
                if
                :: (ctx[c] == DONE || task[c] == TIME_OVER) ->
                        ctx[c] = FREE; task[c] = RUNNING
                :: else
                fi } }

inline ignores_signal(c)
{       d_step { sleeps(c) -> act(OTHER) } }

inline signal_ends(c)
{       d_step { (sleeps(c) && ctx[c] == PENDING) -> act(OTHER);
                ctx[c] = FREE; task[c] = RUNNING } }

active proctype world()
{
        do
        :: helo(D0)                :: helo(D1)
        :: quit(D0)                :: quit(D1)
        :: dies(D0)                :: dies(D1)
        :: refused()               :: request(0)             :: request(1)
        :: refused()               :: failing(0)             :: failing(1)
        :: reply(D0, 0, CURRENT)   :: reply(D0, 0, OLDER)    :: outside(D0)
        :: reply(D0, 1, CURRENT)   :: reply(D0, 1, OLDER)
        :: reply(D1, 0, CURRENT)   :: reply(D1, 0, OLDER)    :: outside(D1)
        :: reply(D1, 1, CURRENT)   :: reply(D1, 1, OLDER)
        :: time_passes(0)          :: time_passes(1)
        :: looks(0)                :: looks(1)
        :: ignores_signal(0)       :: ignores_signal(1)
        :: signal_ends(0)          :: signal_ends(1)
        od
}

/* ---- properties ------------------------------------------------------------------ */

#ifdef POOL_IS_WHOLE            /* if both tasks run, all contexts are free */
ltl pool_is_whole { [] (sleeps(0) || sleeps(1) || (ctx[0] == FREE && ctx[1] == FREE)) }
#endif
#if defined(ANSWERS_MATCH) || defined(ACCEPTED_ONCE) || defined(ONLY_DAEMON) \
        || defined(ONLY_ITSELF_QUITS)
ltl never_bad { [] !bad }
#endif
#ifdef RESUMES                  /* if 0's time passes and 0's sleeper looks, each
                                   weakly fair, 0's task runs again and again */
ltl resumes { (   []<> (task[0] != TIME_LEFT || last == TIME_0)
               && []<> (!sleeps(0)           || last == LOOK_0)) -> []<> (!sleeps(0)) }
#endif
