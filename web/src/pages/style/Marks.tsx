import { Anchor, Button, Checkbox, Select, Text, Textarea, TextInput, Title } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Level } from '../../api/types';
import { Badge, LevelBadge, PapBadge, StatusBadge, TlpBadge } from '../../kit/badges';
import { FilterChips, FilterText } from '../../kit/filters';
import { levels, statuses } from '../../lib/levels';
import { Part } from './Part';
import css from './style.module.css';

const nothing = () => undefined;

/** Type, buttons, marks, fields and filters. */
export function Marks() {
  const { t } = useTranslation(['translation', 'style', 'kit']);
  const [chosen, setChosen] = useState<Level[]>(['high']);
  const [name, setName] = useState('');
  const units = t('style:units', { returnObjects: true }) as string[];
  return (
    <>
      <Part title={t('style:type')}>
        <Title order={3} size="h1">
          {t('style:heading')}
        </Title>
        <Title order={3}>{t('style:sub')}</Title>
        <Text size="sm">
          {t('style:body')} <Anchor href="#main" underline="always">{t('style:link')}</Anchor>
        </Text>
        <Text size="sm" className="la-dim">
          {t('style:dim')}
        </Text>
      </Part>
      <Part title={t('style:buttons')}>
        <div className={css.row}>
          <Button leftSection={<IconPlus size={15} />}>{t('style:main')}</Button>
          <Button variant="default">{t('style:other')}</Button>
          <Button variant="subtle">{t('style:quiet')}</Button>
          <Button color="red">{t('style:danger')}</Button>
          <Button disabled>{t('style:off')}</Button>
          <Button loading>{t('style:busy')}</Button>
        </div>
        <div className={css.row}>
          <Button size="xs">{t('style:main')}</Button>
          <Button size="xs" variant="default">
            {t('style:other')}
          </Button>
          <Button size="compact-sm" variant="default" data-tip={t('style:tip')}>
            {t('style:pointed')}
          </Button>
        </div>
      </Part>
      <Part title={t('style:marks')}>
        <div className={css.row}>
          {levels.map((level) => (
            <LevelBadge key={level} level={level} />
          ))}
        </div>
        <div className={css.row}>
          {statuses.map((status) => (
            <StatusBadge key={status} status={status} />
          ))}
          <Badge tone="informational" round>
            {t('source.muted')}
          </Badge>
        </div>
        <div className={css.row}>
          {(['RED', 'AMBER+STRICT', 'AMBER', 'GREEN', 'CLEAR'] as const).map((tlp) => (
            <TlpBadge key={tlp} tlp={tlp} />
          ))}
        </div>
        <div className={css.row}>
          {(['RED', 'AMBER', 'GREEN', 'CLEAR'] as const).map((pap) => (
            <PapBadge key={pap} pap={pap} />
          ))}
        </div>
      </Part>
      <Part title={t('style:fields')}>
        <div className={css.two}>
          <TextInput
            label={t('style:name')}
            description={t('style:nameHint')}
            value={name}
            onChange={(event) => {
              setName(event.currentTarget.value);
            }}
          />
          <TextInput label={t('style:name')} error={t('kit:form.check')} defaultValue="?" />
          <Select label={t('style:kind')} data={units} defaultValue={units[0] ?? null} />
          <TextInput label={t('style:name')} disabled defaultValue={units[1] ?? ''} />
        </div>
        <Textarea label={t('kit:confirm.reason')} autosize minRows={2} />
        <Checkbox label={t('style:chosen')} defaultChecked />
      </Part>
      <Part title={t('style:filters')}>
        <div className={css.row}>
          <FilterText value={undefined} onChange={nothing} placeholder={t('style:find')} />
          <FilterChips
            label={t('style:levels')}
            values={levels}
            chosen={chosen}
            onChange={setChosen}
            counts={{ critical: 1, high: 12, medium: 40, low: 205 }}
            name={(level) => t(`level.${level}`)}
            tone={(level) => level}
          />
        </div>
      </Part>
    </>
  );
}
