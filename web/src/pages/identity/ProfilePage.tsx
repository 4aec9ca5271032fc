import '../../i18n/identity';

import { Button, Group, SegmentedControl, Stack, Text, TextInput, Title, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDeviceMobile, IconFingerprint, IconKey, IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { sessionQuery } from '../../api/queries';
import type { Ceremony, Enrolled, Factors, OwnSession } from '../../api/types';
import { useSession } from '../../app/session';
import { type Language, setLanguage } from '../../i18n';
import { deviceOf } from '../../lib/device';
import { makePasskey, passkeysWork } from '../../lib/passkeys';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { PageHeader } from '../../ui/PageHeader';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/toast';
import { PasswordForm } from '../signin/PasswordForm';
import { useSensitive } from './confirm';
import css from './identity.module.css';
import { RecoveryCodes } from './RecoveryCodes';
import { TotpSetup } from './TotpSetup';

function Section({ title, text, children }: { title: string; text?: string; children: React.ReactNode }) {
  return (
    <section className={`la-card ${css.section ?? ''}`}>
      <Title order={2}>{title}</Title>
      {text && (
        <Text size="sm" className="la-dim">
          {text}
        </Text>
      )}
      {children}
    </section>
  );
}

function Row({ icon, name, note, children }: { icon: React.ReactNode; name: React.ReactNode; note: React.ReactNode; children?: React.ReactNode }) {
  return (
    <div className={css.row}>
      <span className="la-dim">{icon}</span>
      <div className={css.rowText}>
        <div>{name}</div>
        <Text size="xs" className="la-dim" component="div">
          {note}
        </Text>
      </div>
      <Group gap={6}>{children}</Group>
    </div>
  );
}

function TwoStep({ factors, refresh }: { factors: Factors; refresh: () => void }) {
  const { t } = useTranslation(['translation', 'identity']);
  const client = useQueryClient();
  const { user } = useSession();
  const [app, appDialog] = useDisclosure();
  const [naming, nameDialog] = useDisclosure();
  const [name, setName] = useState('');
  const [codes, setCodes] = useState<string[]>();
  const enrolled = (e: Enrolled) => {
    client.setQueryData(sessionQuery.queryKey, e.session);
    appDialog.close();
    nameDialog.close();
    setName('');
    refresh();
    if (e.recoveryCodes.length > 0) setCodes(e.recoveryCodes);
    else toast({ color: 'green', message: t('identity:profile.added') });
  };
  const has = factors.totp !== null || factors.passkeys.length > 0;
  const begin = useSensitive(async () => {
    await call('/me/totp', { method: 'POST' });
    appDialog.open();
  }, has);
  const removeApp = useSensitive(() => call('/me/totp', { method: 'DELETE' }).then(refresh), has);
  const add = useSensitive(async (passkeyName: string) => {
    const asked = await call<Ceremony>('/me/passkeys/begin', { method: 'POST' });
    const credential = await makePasskey(asked);
    enrolled(await call<Enrolled>('/me/passkeys', { method: 'POST', body: { handle: asked.handle, name: passkeyName, credential } }));
  }, has);
  const removeKey = useSensitive((id: string) => call(`/me/passkeys/${encodeURIComponent(id)}`, { method: 'DELETE' }).then(refresh), has);
  const renew = useSensitive(async () => {
    setCodes((await call<{ recoveryCodes: string[] }>('/me/recovery-codes', { method: 'POST' })).recoveryCodes);
    refresh();
  }, has);
  const methods = useQuery({ queryKey: ['sign-in-methods'], queryFn: () => call<{ passkeyHost: string }>('/sign-in-methods'), staleTime: Infinity });
  const canPasskey = factors.passkeysPossible && methods.data !== undefined && passkeysWork(methods.data.passkeyHost);
  return (
    <Section title={t('identity:profile.twoStep')} text={factors.needed ? t('identity:profile.needed') : t('identity:profile.twoStepText')}>
      <Row
        icon={<IconDeviceMobile size={20} />}
        name={t('identity:profile.app')}
        note={
          factors.totp ? (
            <>
              {t('identity:profile.since')} <Time at={factors.totp.createdAt} />
            </>
          ) : (
            t('identity:profile.none')
          )
        }
      >
        <Button
          size="xs"
          variant="default"
          loading={begin.pending}
          onClick={() => {
            begin.run(undefined);
          }}
        >
          {factors.totp ? t('identity:profile.replace') : t('identity:profile.setUp')}
        </Button>
        {factors.totp && (
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              removeApp.run(undefined);
            }}
          >
            {t('identity:profile.remove')}
          </Button>
        )}
      </Row>
      {factors.passkeys.map((key) => (
        <Row
          key={key.id}
          icon={<IconFingerprint size={20} />}
          name={key.name}
          note={
            <>
              {t('identity:profile.passkey')} · {t('identity:profile.since')} <Time at={key.createdAt} />
            </>
          }
        >
          <Button
            size="xs"
            variant="default"
            aria-label={`${t('identity:profile.remove')}: ${key.name}`}
            onClick={() => {
              removeKey.run(key.id);
            }}
          >
            {t('identity:profile.remove')}
          </Button>
        </Row>
      ))}
      <Row icon={<IconPlus size={20} />} name={t('identity:profile.newPasskey')} note={canPasskey ? t('identity:profile.passkeyText') : t('identity:profile.passkeyOff')}>
        <Button size="xs" variant="default" disabled={!canPasskey} onClick={nameDialog.open}>
          {t('identity:profile.addPasskey')}
        </Button>
      </Row>
      {has && (
        <Row icon={<IconKey size={20} />} name={t('identity:recovery.list')} note={t('identity:profile.left', { count: factors.recoveryCodesLeft })}>
          <Button
            size="xs"
            variant="default"
            loading={renew.pending}
            onClick={() => {
              renew.run(undefined);
            }}
          >
            {t('identity:profile.renew')}
          </Button>
        </Row>
      )}
      <Dialog opened={app} onClose={appDialog.close} title={t('identity:profile.app')}>
        {app && <TotpSetup onDone={enrolled} />}
      </Dialog>
      <Dialog opened={naming} onClose={nameDialog.close} title={t('identity:profile.addPasskey')}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            add.run(name.trim());
          }}
        >
          <Stack gap="sm">
            <TextInput
              label={t('identity:profile.passkeyName')}
              description={t('identity:profile.passkeyNameText')}
              name="passkey-name"
              required
              withAsterisk={false}
              maxLength={60}
              data-autofocus
              value={name}
              onChange={(event) => {
                setName(event.currentTarget.value);
              }}
            />
            <Button type="submit" loading={add.pending}>
              {t('identity:profile.make')}
            </Button>
          </Stack>
        </form>
      </Dialog>
      <Dialog
        opened={codes !== undefined}
        onClose={() => {
          setCodes(undefined);
        }}
        title={t('identity:recovery.title')}
        closeOnClickOutside={false}
      >
        {codes && (
          <RecoveryCodes
            codes={codes}
            username={user.username}
            onDone={() => {
              setCodes(undefined);
            }}
          />
        )}
      </Dialog>
      {begin.dialog}
      {removeApp.dialog}
      {add.dialog}
      {removeKey.dialog}
      {renew.dialog}
    </Section>
  );
}

function Sessions({ hasFactor }: { hasFactor: boolean }) {
  const { t } = useTranslation(['translation', 'identity']);
  const sessions = useQuery({ queryKey: ['own-sessions'], queryFn: ({ signal }) => call<{ items: OwnSession[] }>('/me/sessions', { signal }) });
  const refresh = () => void sessions.refetch();
  const end = useSensitive((id: string) => call(`/me/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' }).then(refresh), hasFactor);
  const endOthers = useSensitive(() => call('/me/sessions', { method: 'DELETE' }).then(refresh), hasFactor);
  const list = sessions.data?.items ?? [];
  return (
    <Section title={t('identity:sessions.title')} text={t('identity:sessions.text')}>
      {sessions.isError && <ErrorState error={sessions.error} retry={refresh} />}
      {sessions.isPending && <Rows count={2} />}
      {list.map((one) => (
        <Row
          key={one.id}
          icon={<IconDeviceMobile size={20} />}
          name={
            <Group gap={8}>
              <span>{deviceOf(one.agent) || t('identity:sessions.unknown')}</span>
              {one.current && (
                <Badge tone="ok" round>
                  {t('identity:sessions.current')}
                </Badge>
              )}
            </Group>
          }
          note={
            <>
              <span className="la-mono">{one.address}</span> · {t(`identity:sessions.method.${one.method}`)} · {t('identity:sessions.used')}{' '}
              <Time at={one.lastUsedAt} />
            </>
          }
        >
          {!one.current && (
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                end.run(one.id);
              }}
            >
              {t('identity:sessions.end')}
            </Button>
          )}
        </Row>
      ))}
      {list.length > 1 && (
        <div>
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              endOthers.run(undefined);
            }}
          >
            {t('identity:sessions.endOthers')}
          </Button>
        </div>
      )}
      {end.dialog}
      {endOthers.dialog}
    </Section>
  );
}

/** One's own account: password, second factors, sessions, language and colours. */
export function ProfilePage() {
  const { t, i18n } = useTranslation(['translation', 'identity']);
  const { user } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [password, passwordDialog] = useDisclosure();
  const factors = useQuery({ queryKey: ['own-factors'], queryFn: ({ signal }) => call<Factors>('/me/factors', { signal }) });
  const has = factors.data !== undefined && (factors.data.totp !== null || factors.data.passkeys.length > 0);
  return (
    <>
      <PageHeader title={t('identity:profile.title')} />
      <div className={css.profile}>
        <Section title={user.displayName || user.username}>
          <Text size="sm">
            <span className="la-mono">{user.username}</span> · {t(`role.${user.role}`)} · {user.unit}
          </Text>
          <div>
            <Button size="xs" variant="default" onClick={passwordDialog.open}>
              {t('password.title')}
            </Button>
          </div>
        </Section>
        {factors.isError && <ErrorState error={factors.error} retry={() => void factors.refetch()} />}
        {factors.isPending && <Rows count={4} />}
        {factors.data && <TwoStep factors={factors.data} refresh={() => void factors.refetch()} />}
        <Sessions hasFactor={has} />
        <Section title={t('identity:profile.display')}>
          <Group gap="sm">
            <SegmentedControl
              aria-label={t('identity:profile.language')}
              data={[
                { value: 'vi', label: t('identity:profile.vi') },
                { value: 'en', label: t('identity:profile.en') },
              ]}
              value={i18n.language}
              onChange={(value) => void setLanguage(value as Language)}
            />
            <SegmentedControl
              aria-label={t('theme.label')}
              data={(['light', 'dark', 'auto'] as const).map((value) => ({ value, label: t(`theme.${value}`) }))}
              value={colorScheme}
              onChange={(value) => {
                setColorScheme(value as 'light' | 'dark' | 'auto');
              }}
            />
          </Group>
        </Section>
      </div>
      <Dialog opened={password} onClose={passwordDialog.close} title={t('password.title')}>
        <PasswordForm
          username={user.username}
          onDone={() => {
            passwordDialog.close();
            toast({ color: 'green', message: t('identity:profile.passwordChanged') });
          }}
        />
      </Dialog>
    </>
  );
}
