package search

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
)

func person(id string) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: id, Name: id, Role: module.RoleAnalyst, Unit: "so-y-te", Session: "s"})
}

func code(err error) string {
	if fe, ok := errors.AsType[*fault.Error](err); ok {
		return fe.Code
	}
	return fmt.Sprint(err)
}

func TestOnePersonDoesNotKeepTheOthersWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns()
		var own []func()
		for range maxConcurrentOfOne {
			done, err := turns.take(person("lan"))
			if err != nil {
				t.Fatal(err)
			}
			own = append(own, done)
		}
		if _, err := turns.take(person("lan")); code(err) != "search.too-many" || fault.KindOf(err) != fault.Busy {
			t.Errorf("one more of hers: %v", err)
		}
		for i := range maxConcurrent - maxConcurrentOfOne {
			done, err := turns.take(person(fmt.Sprint(i)))
			if err != nil {
				t.Errorf("another person: %v", err)
				continue
			}
			defer done()
		}
		if _, err := turns.take(person("last")); code(err) != "search.busy" {
			t.Errorf("one more in all: %v", err)
		}
		var wait sync.WaitGroup
		wait.Go(func() {
			done, err := turns.take(person("last"))
			if err != nil {
				t.Error(err)
				return
			}
			done()
		})
		synctest.Wait()
		for _, done := range own {
			done()
		}
		wait.Wait()
		ctx, cancel := context.WithCancel(person("hoa"))
		cancel()
		for range 100 { // both ways are open to a select
			if done, err := turns.take(ctx); err == nil {
				done()
			} else if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
	})
}

func TestTurnsForgetWhoIsGone(t *testing.T) {
	turns := newTurns()
	for i := range 1000 {
		done, err := turns.take(person(fmt.Sprint(i)))
		if err != nil {
			t.Fatal(err)
		}
		done()
	}
	if len(turns.own) != 0 || turns.busy() {
		t.Errorf("%d people are remembered", len(turns.own))
	}
}

func TestASearchThatDoesNotEndWellSaysWhatToDo(t *testing.T) {
	memory := fault.New(fault.Busy, "the search needs more memory").WithCode("search.memory")
	for _, c := range []struct {
		err  error
		code string
	}{
		{context.DeadlineExceeded, "search.too-slow"},
		{errSearchTime, "search.too-slow"},
		{fault.New(fault.Busy, "stopped: %w", context.DeadlineExceeded).WithCode("search.timeout"), "search.too-slow"},
		{context.Canceled, "search.cancelled"},
		{memory, "search.memory"},
	} {
		s := newService(t, &pagedLake{fail: c.err})
		ctx := person("lan")
		_, search := s.Search(ctx, asked, func(*lake.Row) error { return nil })
		_, _, _, histogram := s.Histogram(ctx, asked, 10)
		_, _, _, fields := s.Fields(ctx, asked)
		_, _, table := s.Table(ctx, Request{Query: "| stats count", From: asked.From, To: asked.To})
		for what, err := range map[string]error{"search": search, "histogram": histogram, "fields": fields, "table": table} {
			if code(err) != c.code || fault.KindOf(err) != fault.Busy || !errors.Is(err, c.err) {
				t.Errorf("%s after %v: %v", what, c.err, err)
			}
		}
	}
}
