-- What the installer has applied.  The installer itself writes the rows.
CREATE TABLE community.migration (
    module text NOT NULL,
    step text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('step', 'replay')),
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (module, step)
);
COMMENT ON TABLE community.migration IS 'Files of the platform that the installer has applied, with their checksums. / 安装程序已执行的平台文件及其校验和。';
COMMENT ON COLUMN community.migration.module IS 'Module the file belongs to. / 文件所属模块。';
COMMENT ON COLUMN community.migration.step IS 'File name inside the module. / 模块内的文件名。';
COMMENT ON COLUMN community.migration.kind IS 'step runs exactly once; replay runs again whenever it changed. / step 只执行一次；replay 变化后重新执行。';
COMMENT ON COLUMN community.migration.checksum IS 'SHA-256 of the file when it was applied, in hex. / 执行时文件的 SHA-256（十六进制）。';
COMMENT ON COLUMN community.migration.applied_at IS 'Time of the last application. / 最近一次执行的时间。';

-- What each module made, so that it can be taken away again.
CREATE TABLE community.module_object (
    kind text NOT NULL,
    names text[] NOT NULL,
    args text[] NOT NULL,
    module text NOT NULL,
    needs text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (kind, names, args)
);
COMMENT ON TABLE community.module_object IS 'Objects that the files of each module made, by name. / 各模块文件所创建的对象（按名称）。';
COMMENT ON COLUMN community.module_object.kind IS 'Type of the object, as pg_identify_object_as_address() says it. / 对象类型，同 pg_identify_object_as_address()。';
COMMENT ON COLUMN community.module_object.names IS 'Schema and name of the object. / 对象的模式与名称。';
COMMENT ON COLUMN community.module_object.args IS 'Argument types of a function, else empty. / 函数的参数类型，其他为空。';
COMMENT ON COLUMN community.module_object.module IS 'Module that made it. / 创建它的模块。';
COMMENT ON COLUMN community.module_object.needs IS 'Other modules that its file needs: it leaves with any of them. / 所在文件还依赖的模块，任一卸载则一并删除。';
