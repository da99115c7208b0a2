package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/oura-go/sdk/oauth/sqlstore"
	"github.com/oura-go/sdk/oura/mirror"
	"github.com/oura-go/sdk/oura/ouratest"
)

// harness is the fleet under test.
type harness struct {
	t                     *testing.T
	cfg                   config
	sim                   *simulation
	db                    *sql.DB
	mirror                *mirror.Mirror
	postgres, redis, nats *server
	web, workers          []*process
	reconciler            *process
	dir                   string
	killed                map[string]int
	crashed               []string
}

func newHarness(t *testing.T, events int) *harness {
	t.Helper()
	h := &harness{t: t, postgres: startPostgres(t), redis: startRedis(t), nats: startNATS(t), dir: t.TempDir(), killed: map[string]int{}}
	cfg, err := parse([]string{
		"local", "-users", strconv.Itoa(max(20, events/25)), "-limit", "100000", "-window", "1m",
		"-postgres", postgresURL(h.postgres.addr), "-redis", h.redis.addr, "-nats", "nats://" + h.nats.addr,
	}, func(string) string { return "" }, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	h.cfg = *cfg
	second := time.Second
	if h.sim, err = newSimulation(cfg, ouratest.WithDeliverySchedule(
		second/2, second, second, 2*second, 2*second, 4*second, 4*second, 8*second, 8*second, 8*second)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.sim.service.Close)
	if h.db, err = openDB(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.db.Close() })
	if err := sqlstore.Migrate(t.Context(), h.db, sqlstore.PostgreSQL); err != nil {
		t.Fatal(err)
	}
	grants, err := sqlstore.New(h.db, sqlstore.PostgreSQL, sqlstore.WithSealing(bytes.Repeat([]byte{7}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	if h.mirror, err = mirror.Open(t.Context(), h.db, mirror.PostgreSQL); err != nil {
		t.Fatal(err)
	}
	for i, user := range h.sim.users { // first copies, which are the reconciler's elsewhere
		if _, err := h.mirror.Person(user.ID).Sync(t.Context(), h.sim.clients[i], mirror.Only(h.sim.types...)); err != nil {
			t.Fatal(err)
		}
	}
	// Tokens live longer than the test: a process that is killed during a refresh can lose a grant, which is tested
	// where tokens are.
	if err := h.sim.grant(t.Context(), grants, false); err != nil {
		t.Fatal(err)
	}
	return h
}

// startReplicas starts two of each and waits for none: they find each other.
func (h *harness) startReplicas() {
	listen := []string{freePort(h.t), freePort(h.t)}
	callback := balance(h.t, listen...) + "/oura"
	for i := range 2 {
		h.web = append(h.web, h.replica("web", i, "-listen", listen[i], "-callback-url", callback))
		h.workers = append(h.workers, h.replica("worker", i, "-workers", "8"))
	}
	h.reconciler = h.replica("reconciler", 0, "-reconcile-every", "2s", "-reconcile-per-minute", "6000")
	for _, p := range append(h.web, h.workers...) {
		h.start(p)
	}
}

func (h *harness) start(p *process) {
	p.start()
	h.t.Cleanup(func() { p.end(syscall.SIGKILL, time.Second) })
}

// replica is a process of the fleet.
func (h *harness) replica(role string, i int, args ...string) *process {
	id, key := h.sim.service.AppCredentials()
	all := append([]string{
		role, "-postgres", h.cfg.postgres, "-redis", h.cfg.redis, "-nats", h.cfg.nats, "-oura-url", h.sim.service.URL,
		"-limit", "100000", "-window", "1m", "-admin", "127.0.0.1:0", "-ack-wait", "10s",
	}, args...)
	return &process{
		t: h.t, name: role, log: filepath.Join(h.dir, fmt.Sprintf("%s%d.log", role, i)),
		command: func() *exec.Cmd {
			cmd := command(h.t, os.Args[0], all...)
			cmd.Env = append(os.Environ(), processVariable+"=1", "OURA_CLIENT_ID="+id, "OURA_CLIENT_SECRET="+key,
				"OURA_VERIFICATION_TOKEN=verification-token", "FLEET_TOKEN_KEY=BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=")
			return cmd
		},
	}
}

// disturb has the events happen while processes are killed, and each engine crashes when a quarter more of them are
// out.
func (h *harness) disturb(events int) {
	const batch, interval = 25, 200 * time.Millisecond
	killing, stop := context.WithCancel(h.t.Context())
	defer stop()
	var killer, crasher sync.WaitGroup
	killer.Go(func() { h.killOften(killing) })
	crashes := make(chan *server)
	crasher.Go(func() {
		for engine := range crashes {
			engine.restart(time.Second)
			h.crashed = append(h.crashed, engine.name)
		}
	})
	emit := func(n int) {
		if err := h.sim.emit(h.t.Context(), n, batch, interval); err != nil {
			h.t.Error(err)
		}
	}
	for _, engine := range []*server{h.postgres, h.nats, h.redis} {
		emit(events / 4)
		crashes <- engine
	}
	emit(events - 3*(events/4))
	close(crashes)
	crasher.Wait()
	stop()
	killer.Wait()
}

func (h *harness) delay(d time.Duration) {
	for _, t := range h.sim.types {
		h.sim.service.Delay(t, d)
	}
}

// killOften kills a worker, then a web replica, and so on.
func (h *harness) killOften(ctx context.Context) {
	for i := 0; pause(ctx, time.Second); i++ {
		for _, p := range []*process{h.workers[i%2], h.web[i%2]} {
			p.end(syscall.SIGKILL, time.Second)
			h.killed[p.name]++
			p.start()
			if !pause(ctx, time.Second) {
				return
			}
		}
	}
}

// settled compares until nothing differs, or for two minutes.
func (h *harness) settled() []mirror.Difference {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 2*time.Minute)
	defer cancel()
	for {
		differ := h.compare()
		if len(differ) == 0 || !pause(ctx, 2*time.Second) {
			return differ
		}
	}
}

func (h *harness) compare() []mirror.Difference {
	h.t.Helper()
	differ, err := h.sim.compare(h.t.Context(), h.mirror)
	if err != nil {
		h.t.Fatal(err)
	}
	return differ
}

// shutDown ends all as a deployment does: each must end by itself, in time, with 0.
func (h *harness) shutDown() {
	for _, p := range append(append(h.web, h.workers...), h.reconciler) {
		if !p.end(syscall.SIGTERM, 20*time.Second) {
			h.t.Errorf("%s did not end by itself after SIGTERM", p.name)
		}
	}
}

// checkLogs looks for what does not belong in a log.
func (h *harness) checkLogs() {
	files, err := filepath.Glob(filepath.Join(h.dir, "*.log"))
	if err != nil || len(files) != 5 {
		h.t.Fatalf("%d logs: %v", len(files), err)
	}
	_, key := h.sim.service.AppCredentials()
	forbidden := []string{key, "verification-token", "access-", "refresh-", "BwcHBw"}
	for _, user := range h.sim.users {
		forbidden = append(forbidden, user.ID)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			h.t.Fatal(err)
		}
		if len(data) == 0 {
			h.t.Errorf("%s is empty", filepath.Base(file))
		}
		for _, text := range forbidden {
			if bytes.Contains(data, []byte(text)) {
				h.t.Errorf("%s holds a secret or a person: %s…", filepath.Base(file), text[:4])
			}
		}
	}
}
