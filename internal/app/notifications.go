package app

import (
	"context"
	"net"
	"strconv"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/unit"
	"github.com/lachan-vn/lachan/internal/notify"
	"github.com/lachan-vn/lachan/internal/notify/chat"
	"github.com/lachan-vn/lachan/internal/notify/mail"
	"github.com/lachan-vn/lachan/internal/notify/webhook"
)

// senders is the list of ways to send a notification.
func senders() []notify.Kind {
	return []notify.Kind{
		mail.Kind(),
		webhook.Kind(),
		chat.Kind(),
	}
}

// notifyEnv is what every channel gets.
func (n *Node) notifyEnv() notify.Env {
	c := n.o.Config.Notifications
	return notify.Env{Guard: notify.Guard{Allowed: c.AllowedNetworks}, Hello: n.publicHost, Timeout: c.Timeout, Now: time.Now}
}

// consoleURL is the console's address as people outside open it.
func (n *Node) consoleURL() string {
	c := n.o.Config
	if c.PublicAddress == "" && c.HTTP.TLS == "off" {
		return baseURL(c.HTTP) // on loopback
	}
	port := n.publicPort
	if _, listens, err := net.SplitHostPort(c.HTTP.Listen); port == 0 && c.HTTP.TLS != "off" && err == nil {
		port, _ = strconv.Atoi(listens)
	}
	if port == 0 || port == 443 {
		return "https://" + n.publicHost
	}
	return "https://" + net.JoinHostPort(n.publicHost, strconv.Itoa(port))
}

// notifyUnits tells module notification of units.
type notifyUnits struct{ *unit.Service }

// DutyMail implements [notification.Units].
func (u notifyUnits) DutyMail(ctx context.Context, id event.UnitID) string {
	found, err := u.Get(module.WithPrincipal(ctx, module.System()), u.Current(id))
	if err != nil {
		return ""
	}
	return found.Contacts.DutyMail
}
