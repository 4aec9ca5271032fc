import { Button, Group, NumberInput, PasswordInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import '@mantine/core/styles/NumberInput.css';
import '@mantine/core/styles/PasswordInput.css';
import { IconSend } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { type Channel, channelsQuery } from '../../api/notificationQueries';
import { Form } from '../../kit/Form';
import { Dialog } from '../../ui/Dialog';
import { toast } from '../../ui/toast';
import { Why } from './LogTab';
import { SettingsList } from './SettingsList';

type Settings = Record<string, string | number>;

const fresh: Record<Channel['kind'], Settings> = {
  mail: { host: '', port: 587, security: 'starttls', username: '', from: '', fromName: '', ca: '' },
  webhook: { url: '', ca: '' },
  chat: { style: 'telegram', base: '', to: '', url: '', header: '', body: '{"text": "{{title}}\\n{{text}}"}', ca: '' },
};

/** 32 random bytes as receivers of signed webhooks take them. */
function newSecret(): string {
  return `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))}`;
}

interface FormProps {
  item: Channel | undefined;
  save: (body: unknown) => void;
  state: { error: unknown; busy: boolean; cancel: () => void };
}

function ChannelForm({ item, save, state }: FormProps) {
  const { t } = useTranslation('notifications');
  const [kind, setKind] = useState<Channel['kind']>(item?.kind ?? 'mail');
  const [name, setName] = useState(item?.name ?? '');
  const [enabled, setEnabled] = useState(item?.enabled ?? true);
  const [shared, setShared] = useState(item?.shared ?? true);
  const [detail, setDetail] = useState<Channel['detail']>(item?.detail ?? 'standard');
  const [secret, setSecret] = useState('');
  const [settings, setSettings] = useState<Settings>({ ...fresh[item?.kind ?? 'mail'], ...(item?.settings as Settings | undefined) });
  const set = (key: string, value: string | number) => {
    setSettings((old) => ({ ...old, [key]: value }));
  };
  const field = (key: string, label: string, required = false) => (
    <TextInput
      label={label}
      required={required}
      withAsterisk={false}
      value={String(settings[key] ?? '')}
      onChange={(event) => {
        set(key, event.currentTarget.value);
      }}
    />
  );
  const area = (key: string, label: string) => (
    <Textarea
      label={label}
      autosize
      minRows={2}
      maxRows={8}
      value={String(settings[key] ?? '')}
      onChange={(event) => {
        set(key, event.currentTarget.value);
      }}
    />
  );
  return (
    <Form
      error={state.error}
      submit={t('save')}
      busy={state.busy}
      onCancel={state.cancel}
      onSubmit={() => {
        save({
          kind,
          name: name.trim(),
          enabled,
          shared,
          detail,
          language: item?.language ?? 'vi',
          settings,
          version: item?.version,
          ...(secret !== '' && { secret }),
        });
      }}
    >
      <Select
        label={t('kind')}
        data={(['mail', 'webhook', 'chat'] as const).map((value) => ({ value, label: t(`kinds.${value}`) }))}
        value={kind}
        disabled={item !== undefined}
        allowDeselect={false}
        onChange={(value) => {
          const next = (value ?? 'mail') as Channel['kind'];
          setKind(next);
          setSettings(fresh[next]);
        }}
      />
      <TextInput
        label={t('name')}
        required
        withAsterisk={false}
        value={name}
        onChange={(event) => {
          setName(event.currentTarget.value);
        }}
      />
      {kind === 'mail' && (
        <>
          {field('host', t('host'), true)}
          <Group grow>
            <Select
              label={t('security')}
              data={(['starttls', 'tls', 'none'] as const).map((value) => ({ value, label: t(`securities.${value}`) }))}
              value={String(settings.security)}
              allowDeselect={false}
              onChange={(value) => {
                set('security', value ?? 'starttls');
                set('port', { starttls: 587, tls: 465, none: 25 }[value ?? ''] ?? 587);
              }}
            />
            <NumberInput
              label={t('port')}
              min={1}
              max={65535}
              value={settings.port ?? 587}
              onChange={(value) => {
                set('port', Number(value));
              }}
            />
          </Group>
          {field('from', t('from'), true)}
          {field('fromName', t('fromName'))}
          {field('username', t('username'))}
        </>
      )}
      {kind === 'webhook' && field('url', t('url'), true)}
      {kind === 'chat' && (
        <>
          <Select
            label={t('style')}
            data={(['telegram', 'generic'] as const).map((value) => ({ value, label: t(`styles.${value}`) }))}
            value={String(settings.style)}
            allowDeselect={false}
            onChange={(value) => {
              set('style', value ?? 'telegram');
            }}
          />
          {settings.style === 'telegram' ? (
            field('base', t('base'))
          ) : (
            <>
              {field('url', t('url'), true)}
              {field('header', t('header'))}
              {area('body', t('body'))}
            </>
          )}
          {field('to', t('chat'))}
        </>
      )}
      <Group align="flex-end" wrap="nowrap">
        <PasswordInput
          label={t('secret')}
          description={t('secretText')}
          value={secret}
          autoComplete="new-password"
          style={{ flex: 1 }}
          onChange={(event) => {
            setSecret(event.currentTarget.value);
          }}
        />
        {kind === 'webhook' && (
          <Button
            variant="default"
            onClick={() => {
              setSecret(newSecret());
            }}
          >
            {t('makeSecret')}
          </Button>
        )}
      </Group>
      {area('ca', t('ca'))}
      <Select
        label={t('detail')}
        data={(['minimal', 'standard', 'full'] as const).map((value) => ({ value, label: t(`details.${value}`) }))}
        value={detail}
        allowDeselect={false}
        onChange={(value) => {
          setDetail((value ?? 'standard') as Channel['detail']);
        }}
      />
      <Group>
        <Switch
          label={t('enabled')}
          checked={enabled}
          onChange={(event) => {
            setEnabled(event.currentTarget.checked);
          }}
        />
        <Switch
          label={t('shared')}
          checked={shared}
          onChange={(event) => {
            setShared(event.currentTarget.checked);
          }}
        />
      </Group>
    </Form>
  );
}

function TestDialog({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const { t } = useTranslation('notifications');
  const [to, setTo] = useState('');
  const test = useMutation({
    mutationFn: () =>
      call<{ sent: boolean; code: string; reason: string }>(`/notifications/channels/${encodeURIComponent(channel.id)}/test`, {
        method: 'POST',
        body: to.trim() === '' ? {} : { to: to.trim() },
      }),
    onSuccess: ({ sent }) => {
      if (!sent) return;
      toast({ message: t('tested') });
      onClose();
    },
  });
  const failed = test.data && !test.data.sent;
  return (
    <Form
      error={test.error}
      submit={t('test')}
      busy={test.isPending}
      onCancel={onClose}
      onSubmit={() => {
        test.mutate();
      }}
    >
      {failed && (
        <div role="alert">
          <strong>{t('notSent')}.</strong> <Why code={test.data.code} reason={test.data.reason} />
        </div>
      )}
      {channel.kind !== 'webhook' && (
        <TextInput
          label={t('testTo')}
          value={to}
          onChange={(event) => {
            setTo(event.currentTarget.value);
          }}
        />
      )}
    </Form>
  );
}

export function ChannelsTab() {
  const { t } = useTranslation('notifications');
  const query = useQuery(channelsQuery);
  const [testing, setTesting] = useState<Channel>();
  return (
    <>
      <SettingsList
        what="channels"
        icon={<IconSend size={34} />}
        query={query}
        about={(c) => (
          <>
            {t(`kinds.${c.kind}`)} <span className="la-dim">{c.target}</span>
          </>
        )}
        tools={(c) => (
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              setTesting(c);
            }}
          >
            {t('test')}
          </Button>
        )}
        form={(item, save, state) => <ChannelForm item={item} save={save} state={state} />}
      />
      <Dialog
        opened={testing !== undefined}
        onClose={() => {
          setTesting(undefined);
        }}
        title={t('test')}
      >
        {testing && (
          <TestDialog
            channel={testing}
            onClose={() => {
              setTesting(undefined);
            }}
          />
        )}
      </Dialog>
    </>
  );
}
