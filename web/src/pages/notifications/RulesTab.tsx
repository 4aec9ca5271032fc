import { MultiSelect, Select, Switch, TextInput } from '@mantine/core';
import { IconListCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { kindsQuery, plansQuery, type Rule, rulesQuery } from '../../api/notificationQueries';
import { Form } from '../../kit/Form';
import { SettingsList } from './SettingsList';
import { Told } from './Told';

const levels = ['critical', 'high', 'medium', 'low', 'informational'] as const;

const tagsExample = 'attack.t1078, attack.initial-access';

interface FormProps {
  item: Rule | undefined;
  save: (body: unknown) => void;
  state: { error: unknown; busy: boolean; cancel: () => void };
}

function RuleForm({ item, save, state }: FormProps) {
  const { t, i18n } = useTranslation(['notifications', 'translation']);
  const kinds = useQuery(kindsQuery).data?.items ?? [];
  const plans = useQuery(plansQuery).data?.items ?? [];
  const [name, setName] = useState(item?.name ?? '');
  const [enabled, setEnabled] = useState(item?.enabled ?? true);
  const [about, setAbout] = useState<string[]>(item?.kinds ?? []);
  const [minLevel, setMinLevel] = useState<Rule['minLevel']>(item?.minLevel ?? 'high');
  const [tags, setTags] = useState((item?.tags ?? []).join(', '));
  const [plan, setPlan] = useState(item?.plan ?? '');
  const [told, setTold] = useState({ recipients: item?.recipients ?? [], channels: item?.channels ?? [] });
  return (
    <Form
      error={state.error}
      submit={t('save')}
      busy={state.busy}
      onCancel={state.cancel}
      disabled={told.recipients.length === 0}
      onSubmit={() => {
        save({
          name: name.trim(),
          enabled,
          kinds: about,
          minLevel,
          tags: tags.split(',').map((x) => x.trim()).filter(Boolean),
          ...told,
          plan,
          version: item?.version,
          ...(item && { unit: item.unit }),
        });
      }}
    >
      <TextInput
        label={t('name')}
        required
        withAsterisk={false}
        value={name}
        onChange={(event) => {
          setName(event.currentTarget.value);
        }}
      />
      <MultiSelect
        label={t('about')}
        placeholder={about.length === 0 ? t('aboutAll') : ''}
        searchable
        data={kinds.filter((k) => !k.personal).map((k) => ({ value: k.kind, label: i18n.language === 'vi' ? k.vi : k.en }))}
        value={about}
        onChange={setAbout}
      />
      <Select
        label={t('minLevel')}
        data={levels.map((value) => ({ value, label: t(`translation:level.${value}`) }))}
        value={minLevel}
        allowDeselect={false}
        onChange={(value) => {
          setMinLevel((value ?? 'high') as Rule['minLevel']);
        }}
      />
      <TextInput
        label={t('tags')}
        placeholder={tagsExample}
        value={tags}
        onChange={(event) => {
          setTags(event.currentTarget.value);
        }}
      />
      <Told
        {...told}
        onChange={(change) => {
          setTold((old) => ({ ...old, ...change }));
        }}
      />
      <Select
        label={t('plan')}
        data={[{ value: '', label: t('noPlan') }, ...plans.map((p) => ({ value: p.id, label: p.name }))]}
        value={plan}
        allowDeselect={false}
        onChange={(value) => {
          setPlan(value ?? '');
        }}
      />
      <Switch
        label={t('enabled')}
        checked={enabled}
        onChange={(event) => {
          setEnabled(event.currentTarget.checked);
        }}
      />
    </Form>
  );
}

export function RulesTab() {
  const { t, i18n } = useTranslation(['notifications', 'translation']);
  const kinds = useQuery(kindsQuery).data?.items ?? [];
  const query = useQuery(rulesQuery);
  const nameOf = (kind: string) => {
    const k = kinds.find((x) => x.kind === kind);
    return k ? (i18n.language === 'vi' ? k.vi : k.en) : kind;
  };
  return (
    <SettingsList
      what="rules"
      icon={<IconListCheck size={34} />}
      query={query}
      about={(r) => `${r.kinds.length === 0 ? t('aboutAll') : r.kinds.map(nameOf).join(', ')} · ${t('minLevel')}: ${t(`translation:level.${r.minLevel}`)}`}
      form={(item, save, state) => <RuleForm item={item} save={save} state={state} />}
    />
  );
}
