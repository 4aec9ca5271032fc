import { UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconDeviceDesktop,
  IconDeviceTv,
  IconKey,
  IconKeyboard,
  IconLanguage,
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconLogout,
  IconMenu2,
  IconMoon,
  IconSearch,
  IconSun,
  IconUserCircle,
} from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { type ComponentType, lazy, Suspense, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../api/client';
import { openLive, useLive } from '../api/live';
import { wallQuery } from '../api/obligationQueries';
import { overviewQuery, sessionQuery } from '../api/queries';
import { setLanguage } from '../i18n';
import { formatNumber, initials } from '../lib/format';
import { Logo } from '../ui/Logo';
import { Menu } from '../ui/Menu';
import { Rows } from '../ui/State';
import { setDisplay, useDisplay } from './display';
import { useKeys } from './keys';
import { useLiveCache } from './liveCache';
import { grouped, jumpOf, type PageName, pageOf, pages } from './nav';
import { useMay, useSession } from './session';
import css from './shell.module.css';
import { withRest } from './withRest';

const Bell = lazy(() => import('./Bell').then((m) => ({ default: m.Bell })));
const Help = lazy(() => withRest(() => import('./Help').then((m) => ({ default: m.Help }))));
const UnitSwitch = lazy(() => withRest(() => import('./UnitSwitch').then((m) => ({ default: m.UnitSwitch }))));
const Palette = lazy(() => withRest(() => import('./Palette').then((m) => ({ default: m.Palette }))));
const PasswordDialog = lazy(() => withRest(() => import('./PasswordDialog').then((m) => ({ default: m.PasswordDialog }))));
const Wall = lazy(() => import('./Wall').then((m) => ({ default: m.Wall })));

function LiveStatus() {
  const { t, i18n } = useTranslation();
  const { connection, stats } = useLive();
  const text =
    connection === 'open' && stats ? t('live.rate', { rate: formatNumber(stats.eventsPerSecond, i18n.language) }) : t(`live.${connection}`);
  return (
    <div className={css.live} data-state={connection} data-tip={`${text}\n${t(`live.${connection}Text`)}`} role="status" tabIndex={0}>
      <span className={css.dot} />
      <span className={`la-num ${css.rate ?? ''}`}>{text}</span>
    </div>
  );
}

function DisplayMenu() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { density } = useDisplay();
  const schemes = { light: IconSun, dark: IconMoon, auto: IconDeviceDesktop } as const;
  const Current = schemes[colorScheme];
  return (
    <Menu
      label={t('theme.label')}
      tip={t('theme.label')}
      className={css.tool}
      button={<Current size={19} />}
      groups={[
        {
          name: t('theme.scheme'),
          items: (['light', 'dark', 'auto'] as const).map((value) => {
            const Icon = schemes[value];
            return {
              id: value,
              name: t(`theme.${value}`),
              icon: <Icon size={16} />,
              chosen: colorScheme === value,
              run: () => {
                setColorScheme(value);
              },
            };
          }),
        },
        {
          name: t('theme.density'),
          items: (['comfortable', 'compact'] as const).map((value) => ({
            id: value,
            name: t(`theme.${value}`),
            chosen: density === value,
            run: () => {
              setDisplay({ density: value });
            },
          })),
        },
        {
          items: [
            {
              id: 'wall',
              name: t('theme.wall'),
              icon: <IconDeviceTv size={16} />,
              run: () => {
                setDisplay({ wall: true });
              },
            },
          ],
        },
      ]}
    />
  );
}

function UserMenu({ onHelp, onPassword }: { onHelp: () => void; onPassword: () => void }) {
  const { t } = useTranslation();
  const { user, sso } = useSession();
  const navigate = useNavigate();
  const name = user.displayName || user.username;
  return (
    <Menu
      label={t('user.menu', { name })}
      className={css.user}
      button={
        <>
          <span className={css.avatar} aria-hidden="true">
            {initials(name)}
          </span>
          <span className={`la-clip ${css.userName ?? ''}`}>{name}</span>
        </>
      }
      head={`${user.username} · ${t(`role.${user.role}`)}`}
      groups={[
        {
          items: [
            { id: 'profile', name: t('user.profile'), icon: <IconUserCircle size={16} />, run: () => void navigate({ to: '/profile' }) },
            { id: 'password', name: t('password.title'), icon: <IconKey size={16} />, run: onPassword },
            { id: 'help', name: t('help.title'), icon: <IconKeyboard size={16} />, run: onHelp },
          ],
        },
        {
          items: [
            {
              id: 'out',
              name: t('user.signOut'),
              icon: <IconLogout size={16} />,
              run: () => {
                void call('/session', { method: 'DELETE' }).finally(() => {
                  // The provider's own sign-in would let anybody in again.
                  if (sso) window.location.assign('/sso/signout');
                  else window.location.reload();
                });
              },
            },
          ],
        },
      ]}
    />
  );
}

/** How many alerts wait, beside the link to them. */
function AlertCount() {
  const { t, i18n } = useTranslation();
  const { data } = useQuery(overviewQuery('24h'));
  if (!data?.alertsNew) return null;
  return (
    <span className={css.count} aria-label={t('nav.waiting', { count: data.alertsNew })}>
      {formatNumber(data.alertsNew, i18n.language)}
    </span>
  );
}

/** How many duties are late or due within a day, beside the link to them. */
function DutyCount() {
  const { t, i18n } = useTranslation();
  const { data } = useQuery(wallQuery(false));
  const count = data ? data.late + data.soon : 0;
  if (!data || count === 0) return null;
  return (
    <span className={css.count} aria-label={t('nav.duties', { late: data.late, soon: data.soon })}>
      {formatNumber(count, i18n.language)}
    </span>
  );
}

/** What stands beside a page's name in the side bar. */
const counts: Partial<Record<PageName, ComponentType>> = { alerts: AlertCount, obligations: DutyCount };

interface SideBarProps {
  open: boolean;
  narrow: boolean;
  onClose: () => void;
  onHelp: () => void;
}

function SideBar({ open, narrow, onClose, onHelp }: SideBarProps) {
  const { t } = useTranslation();
  const { version } = useSession();
  const { pathname } = useLocation();
  const may = useMay();
  const list = useRef<HTMLElement>(null);
  const shown = grouped(may)
    .map((g) => ({ ...g, pages: g.pages.filter((page) => !page.inner) }))
    .filter((g) => g.pages.length > 0);
  const current = pageOf(
    pathname,
    shown.flatMap((g) => g.pages),
  );
  useEffect(() => {
    if (open) list.current?.querySelector('a')?.focus();
  }, [open]);
  const Fold = narrow ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  return (
    <nav
      ref={list}
      id="menu"
      className={css.nav}
      aria-label={t('nav.menu')}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && open) {
          event.stopPropagation();
          onClose();
        }
      }}
    >
      {may('unit.read') && !narrow && pageOf(pathname)?.byUnit && (
        <Suspense>
          <UnitSwitch />
        </Suspense>
      )}
      {shown.map((g) => (
        <div key={g.group} className={css.group} role="group" aria-label={t(`nav.group.${g.group}`)}>
          <div className={css.groupName} aria-hidden="true">
            {t(`nav.group.${g.group}`)}
          </div>
          {g.pages.map(({ to, name, icon: Icon }) => {
            const active = current?.to === to;
            const Count = counts[name];
            return (
              <Link
                key={to}
                to={to}
                className={css.link}
                data-active={active || undefined}
                data-tip={narrow ? t(`nav.${name}`) : undefined}
                aria-current={active ? 'page' : undefined}
                onClick={onClose}
              >
                <Icon size={18} stroke={1.7} aria-hidden="true" />
                <span>{t(`nav.${name}`)}</span>
                {Count && <Count />}
              </Link>
            );
          })}
        </div>
      ))}
      <div className={css.foot}>
        <UnstyledButton className={css.footLine} onClick={onHelp}>
          <kbd className="la-kbd">?</kbd>
          <span>{t('help.title')}</span>
        </UnstyledButton>
        <UnstyledButton
          className={`${css.footLine ?? ''} ${css.fold ?? ''}`}
          onClick={() => {
            setDisplay({ narrow: !narrow });
          }}
          data-tip={narrow ? t('nav.expand') : undefined}
          aria-expanded={!narrow}
        >
          <Fold size={18} stroke={1.7} aria-hidden="true" />
          <span>{narrow ? t('nav.expand') : t('nav.collapse')}</span>
        </UnstyledButton>
        <span className={css.version}>{t('app.version', { version })}</span>
      </div>
    </nav>
  );
}

/** Ctrl-Z takes the last change back, outside of what is typed into. */
function useUndoKey() {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.closest('input,textarea,select,[contenteditable="true"]');
      if (event.key !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || typing) return;
      event.preventDefault();
      void import('../kit/undo').then(({ undoLast }) => undoLast());
    };
    document.addEventListener('keydown', listen);
    return () => {
      document.removeEventListener('keydown', listen);
    };
  }, []);
}

/** Ctrl-K opens the palette from anywhere, typing or not. */
function usePaletteKey(toggle: () => void) {
  const latest = useRef(toggle);
  useEffect(() => {
    latest.current = toggle;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
      event.preventDefault();
      latest.current();
    };
    document.addEventListener('keydown', listen);
    return () => {
      document.removeEventListener('keydown', listen);
    };
  }, []);
}

export function Shell() {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const session = useSession();
  const may = useMay();
  const display = useDisplay();
  const [menuOpen, menu] = useDisclosure();
  const [helpOpen, help] = useDisclosure();
  const [paletteOpen, palette] = useDisclosure();
  const [passwordOpen, password] = useDisclosure();
  const burger = useRef<HTMLButtonElement>(null);
  const other = i18n.language === 'vi' ? 'en' : 'vi';

  const user = session.user.id;
  useEffect(() => openLive(user, () => void client.invalidateQueries({ queryKey: sessionQuery.queryKey })), [client, user]);
  useLiveCache();

  const jumps = Object.fromEntries(
    pages.flatMap((page) => {
      const keys = may(page.action) && jumpOf(page);
      return keys ? [[keys, () => void navigate({ to: page.to })]] : [];
    }),
  );
  useKeys({ ...jumps, '?': help.open, z: () => void import('../kit/undo').then(({ undoLast }) => undoLast()) });
  useUndoKey();
  usePaletteKey(palette.toggle);
  const closeMenu = () => {
    menu.close();
    if (menuOpen) burger.current?.focus();
  };

  return (
    <div className={css.app} data-open={menuOpen || undefined} data-narrow={display.narrow || undefined}>
      <a href="#main" className="la-skip">
        {t('nav.skip')}
      </a>
      <header className={css.header}>
        <UnstyledButton
          ref={burger}
          className={`${css.tool ?? ''} ${css.burger ?? ''}`}
          onClick={menu.toggle}
          aria-label={t('nav.menu')}
          aria-expanded={menuOpen}
          aria-controls="menu"
        >
          <IconMenu2 size={20} />
        </UnstyledButton>
        <Link to="/" className={css.brand} aria-label={t('app.name')}>
          <Logo size={30} />
          <span>{t('app.name')}</span>
        </Link>
        <span className={`la-clip ${css.tagline ?? ''}`}>{t('app.tagline')}</span>
        <div className={css.space} />
        <UnstyledButton className={css.find} onClick={palette.open} aria-label={t('palette.open')} aria-keyshortcuts="Control+K">
          <IconSearch size={16} aria-hidden="true" />
          <span className="la-clip">{t('palette.open')}</span>
          <kbd className="la-kbd">{t('palette.keys')}</kbd>
        </UnstyledButton>
        <LiveStatus />
        <UnstyledButton
          className={css.tool}
          lang={other}
          aria-label={t('language.other')}
          data-tip={t('language.other')}
          onClick={() => void setLanguage(other)}
        >
          <IconLanguage size={19} />
        </UnstyledButton>
        {may('notification.own') && (
          <Suspense>
            <Bell />
          </Suspense>
        )}
        <DisplayMenu />
        <UserMenu onHelp={help.open} onPassword={password.open} />
      </header>
      <div className={css.veil} onClick={closeMenu} />
      <SideBar open={menuOpen} narrow={display.narrow && !menuOpen} onClose={closeMenu} onHelp={help.open} />
      <main id="main" tabIndex={-1} className={css.main} inert={menuOpen}>
        <Suspense fallback={<Rows count={8} />}>
          <Outlet />
        </Suspense>
      </main>
      <Suspense fallback={null}>
        {helpOpen && <Help onClose={help.close} />}
        {paletteOpen && <Palette onClose={palette.close} />}
        {passwordOpen && <PasswordDialog username={session.user.username} onClose={password.close} />}
        {display.wall && <Wall />}
      </Suspense>
    </div>
  );
}
