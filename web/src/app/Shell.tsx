import {
  ActionIcon,
  AppShell,
  Burger,
  Group,
  Menu,
  Text,
  Tooltip,
  UnstyledButton,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDeviceDesktop, IconKey, IconKeyboard, IconLanguage, IconLogout, IconMoon, IconSun } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../api/client';
import { openLive, useLive } from '../api/live';
import { overviewQuery, sessionQuery } from '../api/queries';
import { setLanguage } from '../i18n';
import { formatNumber, initials } from '../lib/format';
import { Logo } from '../ui/Logo';
import { Rows } from '../ui/State';
import { useKeys } from './keys';
import { useLiveCache } from './liveCache';
import { navigation } from './nav';
import { useMay, useSession } from './session';
import css from './shell.module.css';

const Help = lazy(() => import('./Help').then((m) => ({ default: m.Help })));
const PasswordDialog = lazy(() => import('./PasswordDialog').then((m) => ({ default: m.PasswordDialog })));

function LiveStatus() {
  const { t, i18n } = useTranslation();
  const { connection, stats } = useLive();
  return (
    <Tooltip label={t(`live.${connection}Text`)}>
      <div className={css.live} data-state={connection} role="status" tabIndex={0}>
        <span className={css.dot} />
        {connection === 'open' && stats ? (
          <span className="la-num">
            {t('live.rate', { rate: formatNumber(stats.eventsPerSecond, i18n.language) })}
          </span>
        ) : (
          <span>{t(`live.${connection}`)}</span>
        )}
      </div>
    </Tooltip>
  );
}

function ThemeMenu() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const choices = [
    { value: 'light', icon: IconSun },
    { value: 'dark', icon: IconMoon },
    { value: 'auto', icon: IconDeviceDesktop },
  ] as const;
  const Current = choices.find((choice) => choice.value === colorScheme)?.icon ?? IconDeviceDesktop;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size="lg" aria-label={t('theme.label')}>
          <Current size={19} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map(({ value, icon: Icon }) => (
          <Menu.Item
            key={value}
            leftSection={<Icon size={16} />}
            onClick={() => {
              setColorScheme(value);
            }}
            fw={colorScheme === value ? 650 : 400}
          >
            {t(`theme.${value}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function UserMenu({ onHelp, onPassword }: { onHelp: () => void; onPassword: () => void }) {
  const { t } = useTranslation();
  const { user } = useSession();
  const name = user.displayName || user.username;
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <UnstyledButton aria-label={t('user.menu', { name })} className={css.user}>
          <span className={css.avatar} aria-hidden="true">
            {initials(name)}
          </span>
          <Text size="sm" fw={550} visibleFrom="md" className="la-clip" maw={160}>
            {name}
          </Text>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {user.username} · {t(`role.${user.role}`)}
        </Menu.Label>
        <Menu.Item leftSection={<IconKey size={16} />} onClick={onPassword}>
          {t('password.title')}
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={onHelp}>
          {t('help.title')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconLogout size={16} />}
          onClick={() => {
            void call('/session', { method: 'DELETE' }).finally(() => {
              window.location.reload();
            });
          }}
        >
          {t('user.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
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

export function Shell() {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const location = useLocation();
  const session = useSession();
  const may = useMay();
  const [menuOpen, menu] = useDisclosure();
  const [helpOpen, help] = useDisclosure();
  const [passwordOpen, password] = useDisclosure();
  const other = i18n.language === 'vi' ? 'en' : 'vi';

  useEffect(() => openLive(() => void client.invalidateQueries({ queryKey: sessionQuery.queryKey })), [client]);
  useLiveCache();

  const groups = navigation
    .map((g) => ({ ...g, pages: g.pages.filter((page) => page.actions.some(may)) }))
    .filter((g) => g.pages.length > 0);
  const jumps = Object.fromEntries(
    groups.flatMap((g) => g.pages.map((page) => [`g ${page.key}`, () => void navigate({ to: page.to })])),
  );
  useKeys({ ...jumps, '?': help.open });

  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 216, breakpoint: 'sm', collapsed: { mobile: !menuOpen } }}
      padding={0}
      classNames={{ header: css.header, navbar: css.navbar, main: css.main }}
    >
      <a href="#main" className="la-skip">
        {t('nav.skip')}
      </a>
      <AppShell.Header>
        <Group h="100%" px="sm" gap="xs" wrap="nowrap">
          <Burger opened={menuOpen} onClick={menu.toggle} hiddenFrom="sm" size="sm" aria-label={t('nav.menu')} />
          <Link to="/" className={css.brand} aria-label={t('app.name')}>
            <Logo size={30} />
            <span>{t('app.name')}</span>
          </Link>
          <Text size="xs" className={`la-dim la-clip ${css.tagline ?? ''}`} visibleFrom="lg">
            {t('app.tagline')}
          </Text>
          <div style={{ flex: 1 }} />
          <LiveStatus />
          <Tooltip label={t('language.other')}>
            <ActionIcon
              size="lg"
              w="auto"
              px={6}
              lang={other}
              aria-label={t('language.other')}
              onClick={() => void setLanguage(other)}
            >
              <IconLanguage size={19} />
              <Text size="xs" fw={650} ml={3} span visibleFrom="xs">
                {i18n.language.toUpperCase()}
              </Text>
            </ActionIcon>
          </Tooltip>
          <ThemeMenu />
          <UserMenu onHelp={help.open} onPassword={password.open} />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label={t('nav.menu')}>
        {groups.map((g) => (
          <div key={g.group} className={css.group}>
            <div className={css.groupName}>{t(`nav.group.${g.group}`)}</div>
            {g.pages.map(({ to, name, icon: Icon }) => {
              const active = to === '/' ? location.pathname === '/' : location.pathname.startsWith(to);
              return (
                <Link
                  key={to}
                  to={to}
                  className={css.link}
                  data-active={active || undefined}
                  aria-current={active ? 'page' : undefined}
                  onClick={menu.close}
                >
                  <Icon size={18} stroke={1.7} />
                  <span>{t(`nav.${name}`)}</span>
                  {name === 'alerts' && <AlertCount />}
                </Link>
              );
            })}
          </div>
        ))}
        <div className={css.foot}>
          <UnstyledButton className={css.helpLink} onClick={help.open}>
            <span className="la-kbd">?</span> {t('help.title')}
          </UnstyledButton>
          <span>{t('app.version', { version: session.version })}</span>
        </div>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <Suspense fallback={<Rows count={8} />}>
          <Outlet />
        </Suspense>
      </AppShell.Main>
      <Suspense fallback={null}>
        {helpOpen && <Help onClose={help.close} />}
        {passwordOpen && <PasswordDialog username={session.user.username} onClose={password.close} />}
      </Suspense>
    </AppShell>
  );
}
